using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>Searches in linear time, whatever the texts are.</summary>
internal static class TextSearch
{
    private const int LongPattern = 64;

    /// <summary>The first position of <paramref name="pattern"/> at or after <paramref name="start"/>; -1 when there is none.</summary>
    public static int IndexOf(RenderState state, string text, string pattern, int start)
    {
        if (text.Length - start < pattern.Length)
        {
            return -1;
        }

        int index = pattern.Length <= LongPattern
            ? text.AsSpan(start).IndexOf(pattern)
            : KnuthMorrisPratt(text.AsSpan(start), pattern);
        state.Budget.ChargeText((index < 0 ? text.Length - start : index) + pattern.Length);
        return index < 0 ? -1 : start + index;
    }

    /// <summary>The last position where <paramref name="pattern"/> ends at or before <paramref name="end"/>; -1 without one.</summary>
    public static int LastIndexOf(RenderState state, string text, string pattern, int end)
    {
        if (end < pattern.Length)
        {
            return -1;
        }

        if (pattern.Length <= LongPattern)
        {
            int found = pattern.Length == 0 ? end : text.AsSpan(0, end).LastIndexOf(pattern);
            state.Budget.ChargeText(end - Math.Max(found, 0) + pattern.Length);
            return found;
        }

        state.Budget.ChargeText((long)end + pattern.Length);
        int index = KnuthMorrisPratt(Reverse(text.AsSpan(0, end)), Reverse(pattern));
        return index < 0 ? -1 : end - index - pattern.Length;
    }

    private static string Reverse(ReadOnlySpan<char> text)
    {
        char[] characters = text.ToArray();
        Array.Reverse(characters);
        return new string(characters);
    }

    private static int KnuthMorrisPratt(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        int[] failure = new int[pattern.Length];
        for (int i = 1, matched = 0; i < pattern.Length; i++)
        {
            while (matched > 0 && pattern[i] != pattern[matched])
            {
                matched = failure[matched - 1];
            }

            failure[i] = pattern[i] == pattern[matched] ? ++matched : matched;
        }

        for (int i = 0, matched = 0; i < text.Length; i++)
        {
            while (matched > 0 && text[i] != pattern[matched])
            {
                matched = failure[matched - 1];
            }

            if (text[i] == pattern[matched] && ++matched == pattern.Length)
            {
                return i - pattern.Length + 1;
            }
        }

        return -1;
    }
}
