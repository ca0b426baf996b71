using System.Globalization;
using System.Text;

namespace Hearth.Engine.Grammar;

/// <summary>Characters that grammars and expressions write by their numbers.</summary>
internal static class HexDigits
{
    /// <summary>The character whose number stands at the beginning of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="digits">How many hexadecimal digits the number has.</param>
    /// <param name="character">The character.</param>
    /// <returns>False when there are fewer digits, or no character has that number.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, int digits, out Rune character)
    {
        character = default;
        return text.Length >= digits
            && uint.TryParse(text[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            && Rune.TryCreate(value, out character);
    }
}
