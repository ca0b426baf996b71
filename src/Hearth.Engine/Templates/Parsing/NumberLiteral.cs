using System.Globalization;
using System.Numerics;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Parsing;

/// <summary>Python's number literals.</summary>
internal static class NumberLiteral
{
    /// <summary>The number at the start of a text that starts with a digit, and its length.</summary>
    public static (Value Value, int Length) Read(ReadOnlySpan<char> text, bool allowsFloat)
    {
        int length = allowsFloat ? FloatLength(text) : 0;
        if (length > 0)
        {
            string digits = text[..length].ToString().Replace("_", string.Empty, StringComparison.Ordinal);
            return (new FloatValue(double.Parse(digits, CultureInfo.InvariantCulture)), length);
        }

        length = IntegerLength(text);
        BigInteger number = Numeric.ParseInteger(text[..length], 0) ?? BigInteger.Zero;
        return (IntValue.Of(number), length);
    }

    private static int FloatLength(ReadOnlySpan<char> text)
    {
        int whole = DigitsLength(text, char.IsAsciiDigit);
        int end = whole;
        if (end + 1 < text.Length && text[end] == '.')
        {
            int fraction = DigitsLength(text[(end + 1)..], char.IsAsciiDigit);
            end += fraction > 0 ? fraction + 1 : 0;
        }

        if (end < text.Length && text[end] is 'e' or 'E')
        {
            int sign = end + 1 < text.Length && text[end + 1] is '+' or '-' ? 1 : 0;
            int exponent = DigitsLength(text[Math.Min(end + 1 + sign, text.Length)..], char.IsAsciiDigit);
            end += exponent > 0 ? 1 + sign + exponent : 0;
        }

        return end == whole ? 0 : end;
    }

    private static int IntegerLength(ReadOnlySpan<char> text)
    {
        if (text.Length > 2 && text[0] == '0' && char.ToLowerInvariant(text[1]) is var letter and ('x' or 'o' or 'b'))
        {
            Func<char, bool> isDigit = letter switch
            {
                'x' => char.IsAsciiHexDigit,
                'o' => c => c is >= '0' and <= '7',
                _ => c => c is '0' or '1',
            };
            int skip = text[2] == '_' ? 3 : 2;
            int digits = DigitsLength(text[skip..], isDigit);
            return digits > 0 ? skip + digits : 1;
        }

        return DigitsLength(text, text[0] == '0' ? c => c == '0' : char.IsAsciiDigit);
    }

    /// <summary>The length of digits with single underscores between them.</summary>
    private static int DigitsLength(ReadOnlySpan<char> text, Func<char, bool> isDigit)
    {
        int end = 0;
        while (end < text.Length && (isDigit(text[end]) || IsSeparator(text, end)))
        {
            end++;
        }

        return end;

        bool IsSeparator(ReadOnlySpan<char> digits, int index) =>
            digits[index] == '_' && index > 0 && digits[index - 1] != '_' && index + 1 < digits.Length && isDigit(digits[index + 1]);
    }
}
