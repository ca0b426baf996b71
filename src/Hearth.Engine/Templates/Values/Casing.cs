using System.Collections.Frozen;
using System.Text;

namespace Hearth.Engine.Templates.Values;

/// <summary>Python's case conversions: Unicode's simple mappings, and those of its full ones that are seen in texts.</summary>
internal static class Casing
{
    private const char CapitalSigma = 'Σ';
    private const char FinalSigma = 'ς';
    private const char CapitalDottedI = 'İ';

    private static readonly FrozenDictionary<char, (string Upper, string Title)> s_special = new Dictionary<char, (string, string)>
    {
        ['ß'] = ("SS", "Ss"),
        ['ŉ'] = ("ʼN", "ʼN"),
        ['ǰ'] = ("J\u030C", "J\u030C"),
        ['ΐ'] = ("Ι\u0308\u0301", "Ι\u0308\u0301"),
        ['ΰ'] = ("Υ\u0308\u0301", "Υ\u0308\u0301"),
        ['և'] = ("ԵՒ", "Եւ"),
        ['ẖ'] = ("H\u0331", "H\u0331"),
        ['ẗ'] = ("T\u0308", "T\u0308"),
        ['ẘ'] = ("W\u030A", "W\u030A"),
        ['ẙ'] = ("Y\u030A", "Y\u030A"),
        ['ẚ'] = ("Aʾ", "Aʾ"),
        ['ﬀ'] = ("FF", "Ff"),
        ['ﬁ'] = ("FI", "Fi"),
        ['ﬂ'] = ("FL", "Fl"),
        ['ﬃ'] = ("FFI", "Ffi"),
        ['ﬄ'] = ("FFL", "Ffl"),
        ['ﬅ'] = ("ST", "St"),
        ['ﬆ'] = ("ST", "St"),
        ['Ǆ'] = ("Ǆ", "ǅ"),
        ['ǅ'] = ("Ǆ", "ǅ"),
        ['ǆ'] = ("Ǆ", "ǅ"),
        ['Ǉ'] = ("Ǉ", "ǈ"),
        ['ǈ'] = ("Ǉ", "ǈ"),
        ['ǉ'] = ("Ǉ", "ǈ"),
        ['Ǌ'] = ("Ǌ", "ǋ"),
        ['ǋ'] = ("Ǌ", "ǋ"),
        ['ǌ'] = ("Ǌ", "ǋ"),
        ['Ǳ'] = ("Ǳ", "ǲ"),
        ['ǲ'] = ("Ǳ", "ǲ"),
        ['ǳ'] = ("Ǳ", "ǲ"),
    }.ToFrozenDictionary();

    public static string Upper(string text)
    {
        string simple = text.ToUpperInvariant();
        if (Ascii.IsValid(text) || !text.Any(s_special.ContainsKey))
        {
            return simple;
        }

        var result = new StringBuilder(text.Length + 8);
        for (int i = 0; i < text.Length; i++)
        {
            _ = s_special.TryGetValue(text[i], out (string Upper, string Title) mapped)
                ? result.Append(mapped.Upper)
                : result.Append(simple[i]);
        }

        return result.ToString();
    }

    public static string Lower(string text)
    {
        string simple = text.ToLowerInvariant();
        if (text.AsSpan().IndexOfAny(CapitalSigma, CapitalDottedI) < 0)
        {
            return simple;
        }

        var result = new StringBuilder(text.Length + 8);
        for (int i = 0; i < text.Length; i++)
        {
            _ = text[i] switch
            {
                CapitalDottedI => result.Append("i\u0307"),
                CapitalSigma when IsFinal(text, i) => result.Append(FinalSigma),
                _ => result.Append(simple[i]),
            };
        }

        return result.ToString();
    }

    /// <summary>The first letter in title case, the rest in lower case.</summary>
    public static string Capitalize(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        int width = CodePoints.Width(text, 0);
        return Title(text.AsSpan(0, width)) + Lower(text)[Lower(text[..width]).Length..];
    }

    /// <summary>Python's <c>str.title</c>: each letter after one that has no case is in title case.</summary>
    public static string TitleWords(string text)
    {
        string lower = text.ToLowerInvariant();
        var result = new StringBuilder(text.Length);
        bool inWord = false;
        for (int i = 0; i < text.Length;)
        {
            int width = CodePoints.Width(text, i);
            _ = inWord ? result.Append(lower, i, width) : result.Append(Title(text.AsSpan(i, width)));
            inWord = Rune.TryGetRuneAt(text, i, out Rune rune) && CharacterClass.IsCased(rune);
            i += width;
        }

        return result.ToString();
    }

    private static string Title(ReadOnlySpan<char> letter) =>
        s_special.TryGetValue(letter[0], out (string Upper, string Title) mapped) ? mapped.Title : letter.ToString().ToUpperInvariant();

    private static bool IsFinal(string text, int index) =>
        index > 0 && char.IsLetter(text[index - 1]) && (index + 1 == text.Length || !char.IsLetter(text[index + 1]));
}
