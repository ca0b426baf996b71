using System.Globalization;
using System.Numerics;

namespace Hearth.Engine.Templates.Values;

/// <summary>Conversions between Python's number types; a bool is an int.</summary>
internal static class Numeric
{
    /// <summary>The integer of an int or a bool.</summary>
    public static bool TryGetInteger(Value value, out BigInteger number)
    {
        switch (value)
        {
            case IntValue integer:
                number = integer.Number;
                return true;
            case BoolValue boolean:
                number = boolean.IsTrue ? 1 : 0;
                return true;
            default:
                number = default;
                return false;
        }
    }

    /// <summary>The double of any number; an int that is too large is an error, as in Python.</summary>
    public static bool TryGetDouble(Value value, out double number)
    {
        if (value is FloatValue real)
        {
            number = real.Number;
            return true;
        }

        if (TryGetInteger(value, out BigInteger integer))
        {
            number = ToDouble(integer);
            return true;
        }

        number = 0;
        return false;
    }

    public static double ToDouble(BigInteger number)
    {
        double real = (double)number;
        return double.IsFinite(real) ? real : throw TemplateException.Value("int too large to convert to float");
    }

    public static bool IsNumber(Value value) => value is IntValue or FloatValue or BoolValue;

    /// <summary>An index, limited to int's range (which is beyond any sequence).</summary>
    public static bool TryGetIndex(Value value, out int index)
    {
        bool found = TryGetInteger(value, out BigInteger number);
        index = found ? Saturate(number) : 0;
        return found;
    }

    public static int Saturate(BigInteger number) => (int)BigInteger.Max(-int.MaxValue, BigInteger.Min(int.MaxValue, number));

    /// <summary>An int argument of a function.</summary>
    public static int ToIndex(Value value) => TryGetIndex(value, out int index)
        ? index
        : throw TemplateException.Type($"'{value.TypeName}' object cannot be interpreted as an integer");

    /// <summary>Python's <c>int(text, base)</c>; null for a text that is not one.</summary>
    public static BigInteger? ParseInteger(ReadOnlySpan<char> text, int radix)
    {
        text = Trim(text);
        bool negative = text.StartsWith("-");
        if (negative || text.StartsWith("+"))
        {
            text = text[1..];
        }

        char letter = text.Length >= 2 && text[0] == '0' ? char.ToLowerInvariant(text[1]) : ' ';
        int prefix = letter switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 };
        if (prefix != 0 && (radix == 0 || radix == prefix))
        {
            radix = prefix;
            text = text[2..];
            text = text.StartsWith("_") ? text[1..] : text;
        }
        else if (radix == 0)
        {
            radix = 10;
            if (text.Length > 1 && text[0] == '0' && text.ContainsAnyExcept('0', '_'))
            {
                return null;
            }
        }

        if (text.IsEmpty || text[0] == '_' || text[^1] == '_' || text.IndexOf("__") >= 0)
        {
            return null;
        }

        if (text.Length > IntValue.MaxDigits)
        {
            throw TemplateException.Budget($"A number of {text.Length} digits was read, and {IntValue.MaxDigits} are allowed.");
        }

        BigInteger result = BigInteger.Zero;
        foreach (char c in text)
        {
            if (c == '_')
            {
                continue;
            }

            int digit = char.IsAsciiLetter(c) ? (c | 0x20) - 'a' + 10 : CharUnicodeInfo.GetDecimalDigitValue(c);
            if (digit < 0 || digit >= radix)
            {
                return null;
            }

            result = result * radix + digit;
        }

        return negative ? -result : result;
    }

    /// <summary>Python's <c>float(text)</c>; null for a text that is not one.</summary>
    public static double? ParseFloat(ReadOnlySpan<char> text)
    {
        text = Trim(text);
        ReadOnlySpan<char> unsigned = text.StartsWith("-") || text.StartsWith("+") ? text[1..] : text;
        double sign = text.StartsWith("-") ? -1 : 1;
        if (unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase) || unsigned.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            return sign * double.PositiveInfinity;
        }

        if (unsigned.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            return double.NaN;
        }

        if (unsigned.IsEmpty || !(char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.'))
        {
            return null;
        }

        for (int i = 0; i < unsigned.Length; i++)
        {
            if (unsigned[i] == '_' && !IsBetweenDigits(unsigned, i))
            {
                return null;
            }
        }

        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        string digits = unsigned.ToString().Replace("_", string.Empty, StringComparison.Ordinal);
        return double.TryParse(digits, Style, CultureInfo.InvariantCulture, out double number) ? sign * number : null;
    }

    private static bool IsBetweenDigits(ReadOnlySpan<char> text, int index) =>
        index > 0 && index + 1 < text.Length && char.IsAsciiDigit(text[index - 1]) && char.IsAsciiDigit(text[index + 1]);

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && CharacterClass.IsSpace(text[0]))
        {
            text = text[1..];
        }

        while (!text.IsEmpty && CharacterClass.IsSpace(text[^1]))
        {
            text = text[..^1];
        }

        return text;
    }
}
