using System.Globalization;
using System.Numerics;
using System.Text;
using Hearth.Engine.Templates.Go.Values;

namespace Hearth.Engine.Templates.Go.Parsing;

/// <summary>The values of literals as Go's strconv reads them; null for what is not valid.</summary>
internal static class GoLiterals
{
    /// <summary>An integer (decimal, or with 0x, 0o, 0b or 0 before it) or a decimal float.</summary>
    public static GoValue? Number(string text)
    {
        string digits = text.TrimStart('+', '-');
        bool isNegative = text.StartsWith('-');
        int radix = Radix(digits);
        bool isFloat = radix is 10 or 8 && digits.AsSpan().IndexOfAny('.', 'e', 'E') >= 0;
        if (text.Length - digits.Length > 1 || digits.StartsWith('_') || digits.EndsWith('_') || digits.Contains("__", StringComparison.Ordinal))
        {
            return null;
        }

        if (isFloat)
        {
            const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            return double.TryParse(digits, Style, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real)
                ? new GoFloat(isNegative ? -real : real)
                : null;
        }

        string body = digits[PrefixLength(digits)..].Replace("_", string.Empty, StringComparison.Ordinal);
        if (body.Length == 0 || body.Any(c => DigitOf(c) >= radix))
        {
            return null;
        }

        BigInteger number = body.Aggregate(BigInteger.Zero, (value, c) => value > ulong.MaxValue ? value : (value * radix) + DigitOf(c));
        number = isNegative ? -number : number;
        return number >= long.MinValue && number <= long.MaxValue ? new GoInt((long)number) : null;
    }

    /// <summary>A text in double quotes.</summary>
    public static string? Text(string literal) => Unquote(literal, '"');

    /// <summary>A character in single quotes.</summary>
    public static GoInt? Character(string literal) =>
        Unquote(literal, '\'') is { Length: > 0 } text && Rune.TryGetRuneAt(text, 0, out Rune rune) && rune.Utf16SequenceLength == text.Length
            ? new GoInt(rune.Value)
            : null;

    private static int Radix(string digits) => digits.Length < 2 || digits[0] != '0' ? 10 : (digits[1] | 0x20) switch
    {
        'x' => 16,
        'b' => 2,
        _ => 8,
    };

    private static int PrefixLength(string digits) =>
        digits.Length < 2 || digits[0] != '0' ? 0 : (digits[1] | 0x20) is 'x' or 'b' or 'o' ? 2 : 1;

    private static int DigitOf(char c) => char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), fromBase: 16) : int.MaxValue;

    // A text is bytes in Go, and an escape may be one byte of a character.
    private static string? Unquote(string literal, char quote)
    {
        ReadOnlySpan<char> text = literal.AsSpan(1, literal.Length - 2);
        if (!text.Contains('\\'))
        {
            return text.ToString();
        }

        var bytes = new List<byte>(text.Length);
        while (text.Length > 0)
        {
            int plain = text.IndexOf('\\');
            plain = plain < 0 ? text.Length : plain;
            bytes.AddRange(Encoding.UTF8.GetBytes(text[..plain].ToString()));
            text = text[plain..];
            int length = text.Length == 0 ? 0 : Escape(text[1..], quote, bytes);
            if (length < 0)
            {
                return null;
            }

            text = text[Math.Min(text.Length, length + 1)..];
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>Adds what an escape stands for; returns its length after the backslash, or less than 0.</summary>
    private static int Escape(ReadOnlySpan<char> text, char quote, List<byte> bytes)
    {
        const int OctalLength = 3;
        char c = text.Length > 0 ? text[0] : '\0';
        switch (c)
        {
            case 'x':
                return Code(text, 1, 2, 16, bytes, isByte: true);
            case 'u':
                return Code(text, 1, 4, 16, bytes, isByte: false);
            case 'U':
                return Code(text, 1, 8, 16, bytes, isByte: false);
            case >= '0' and <= '7':
                return Code(text, 0, OctalLength, 8, bytes, isByte: true);
            default:
                int simple = "abfnrtv\\".IndexOf(c, StringComparison.Ordinal);
                if (simple < 0 && c != quote)
                {
                    return -1;
                }

                bytes.Add((byte)(simple < 0 ? c : "\a\b\f\n\r\t\v\\"[simple]));
                return 1;
        }
    }

    private static int Code(ReadOnlySpan<char> text, int start, int count, int radix, List<byte> bytes, bool isByte)
    {
        long code = 0;
        for (int i = start; i < start + count; i++)
        {
            int digit = i < text.Length ? DigitOf(text[i]) : int.MaxValue;
            if (digit >= radix)
            {
                return -1;
            }

            code = (code * radix) + digit;
        }

        if (isByte && code <= byte.MaxValue)
        {
            bytes.Add((byte)code);
            return start + count;
        }

        if (isByte || code > int.MaxValue || !Rune.TryCreate((int)code, out Rune rune))
        {
            return -1;
        }

        bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
        return start + count;
    }
}
