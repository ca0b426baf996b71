using System.Globalization;
using System.Text;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Functions;

/// <summary>Go's quoted strings and characters, as <c>%q</c> writes them.</summary>
internal static class GoQuote
{
    public static string Quote(string text) => Write(text, '"');

    public static string Character(string character) => Write(character, '\'');

    private static string Write(string text, char quote)
    {
        var quoted = new StringBuilder().Append(quote);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => quoted.Append(@"\\"),
                '\a' => quoted.Append(@"\a"),
                '\b' => quoted.Append(@"\b"),
                '\f' => quoted.Append(@"\f"),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                '\v' => quoted.Append(@"\v"),
                _ when rune.Value == quote => quoted.Append('\\').Append(quote),
                _ when CharacterClass.IsPrintable(rune) => quoted.Append(rune.ToString()),
                < ' ' or '\x7F' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return quoted.Append(quote).ToString();
    }
}
