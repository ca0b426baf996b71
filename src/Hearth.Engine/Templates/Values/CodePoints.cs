namespace Hearth.Engine.Templates.Values;

/// <summary>Positions in UTF-16 text counted in code points; a lone surrogate counts as one.</summary>
internal static class CodePoints
{
    /// <summary>The units of the code point at <paramref name="offset"/>: 1 or 2.</summary>
    public static int Width(ReadOnlySpan<char> text, int offset) =>
        char.IsHighSurrogate(text[offset]) && offset + 1 < text.Length && char.IsLowSurrogate(text[offset + 1]) ? 2 : 1;

    public static int Count(ReadOnlySpan<char> text)
    {
        int count = text.Length;
        for (int i = text.IndexOfAnyInRange('\uD800', '\uDBFF'); i >= 0 && i + 1 < text.Length; i++)
        {
            count -= Width(text, i) - 1;
            int next = text[(i + 1)..].IndexOfAnyInRange('\uD800', '\uDBFF');
            if (next < 0)
            {
                break;
            }

            i += next;
        }

        return count;
    }

    public static int Offset(ReadOnlySpan<char> text, int codePoint)
    {
        int offset = 0;
        for (; codePoint > 0 && offset < text.Length; codePoint--)
        {
            offset += Width(text, offset);
        }

        return offset;
    }

    /// <summary>The offset of each code point, and the length at the end.</summary>
    public static int[] Offsets(string text)
    {
        var offsets = new List<int>(text.Length + 1);
        for (int i = 0; i < text.Length; i += Width(text, i))
        {
            offsets.Add(i);
        }

        offsets.Add(text.Length);
        return [.. offsets];
    }

    /// <summary>Compares by code point, as Python does; UTF-16 order differs above the surrogates.</summary>
    public static int Compare(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        return Rank(left[common]).CompareTo(Rank(right[common]));

        static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
    }
}
