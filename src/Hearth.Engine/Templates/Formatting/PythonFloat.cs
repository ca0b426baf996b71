using System.Globalization;
using System.Numerics;

namespace Hearth.Engine.Templates.Formatting;

/// <summary>Python's ways to write a float. Fixed digits are exact and round half to even, as in CPython.</summary>
internal static class PythonFloat
{
    /// <summary>The most digits after the point.</summary>
    public const int MaxPrecision = 1000;

    /// <summary>Python's <c>repr</c>: the shortest digits that read back the same.</summary>
    public static string Repr(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        if (number == 0)
        {
            return double.IsNegative(number) ? "-0.0" : "0.0";
        }

        string shortest = number.ToString("R", CultureInfo.InvariantCulture);
        (string digits, int exponent) = Decompose(shortest);
        string sign = number < 0 ? "-" : string.Empty;
        const int MinFixedExponent = -4;
        const int MaxFixedExponent = 16;
        return exponent is < MinFixedExponent or >= MaxFixedExponent
            ? $"{sign}{Scientific(digits, exponent, 'e')}"
            : $"{sign}{Fixed(digits, exponent)}";
    }

    /// <summary>Python's <c>f</c> format: <paramref name="precision"/> digits after the point, without the sign.</summary>
    public static string ToFixed(double magnitude, int precision)
    {
        string digits = Scale(magnitude, precision).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return precision == 0 ? digits : $"{digits[..^precision]}.{digits[^precision..]}";
    }

    /// <summary>Python's <c>e</c> format, without the sign.</summary>
    public static string ToScientific(double magnitude, int precision, char letter = 'e')
    {
        (string digits, int exponent) = Significant(magnitude, precision + 1);
        return Scientific(digits, exponent, letter, keepZeros: true);
    }

    /// <summary>Python's <c>g</c> format, without the sign.</summary>
    public static string ToGeneral(double magnitude, int precision, char letter = 'e', bool keepZeros = false)
    {
        const int MinFixedExponent = -4;
        precision = Math.Max(precision, 1);
        (string digits, int exponent) = Significant(magnitude, precision);
        if (exponent < MinFixedExponent || exponent >= precision)
        {
            return Scientific(keepZeros ? digits : digits.TrimEnd('0').PadRight(1, '0'), exponent, letter, keepZeros: true);
        }

        string text = exponent < 0
            ? "0." + new string('0', -exponent - 1) + digits
            : exponent + 1 >= digits.Length ? digits : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
        return keepZeros || !text.Contains('.', StringComparison.Ordinal) ? text : text.TrimEnd('0').TrimEnd('.');
    }

    /// <summary>Python's <c>round(number, digits)</c>.</summary>
    public static double Round(double number, int digits)
    {
        const int AllDigits = 323;
        const int NoDigits = -309;
        if (!double.IsFinite(number) || digits > AllDigits || number == 0)
        {
            return number;
        }

        if (digits < NoDigits)
        {
            return Math.CopySign(0, number);
        }

        BigInteger scaled = Scale(Math.Abs(number), digits);
        double rounded = double.Parse($"{scaled}E{-digits}", CultureInfo.InvariantCulture);
        return Math.CopySign(rounded, number);
    }

    /// <summary>magnitude * 10^decimals, rounded half to even, exactly.</summary>
    private static BigInteger Scale(double magnitude, int decimals)
    {
        const int MantissaBits = 52;
        const int ExponentBias = 1075;
        long bits = BitConverter.DoubleToInt64Bits(magnitude);
        int biased = (int)(bits >> MantissaBits) & 0x7FF;
        long fraction = bits & ((1L << MantissaBits) - 1);
        BigInteger numerator = biased == 0 ? fraction : fraction | (1L << MantissaBits);
        int exponent = Math.Max(biased, 1) - ExponentBias;
        BigInteger denominator = BigInteger.One;
        numerator *= decimals > 0 ? BigInteger.Pow(10, decimals) : BigInteger.One;
        denominator *= decimals < 0 ? BigInteger.Pow(10, -decimals) : BigInteger.One;
        numerator <<= Math.Max(exponent, 0);
        denominator <<= Math.Max(-exponent, 0);
        var quotient = BigInteger.DivRem(numerator, denominator, out BigInteger remainder);
        int order = (remainder << 1).CompareTo(denominator);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    /// <summary>Exactly <paramref name="count"/> significant digits, and the exponent of the first.</summary>
    private static (string Digits, int Exponent) Significant(double magnitude, int count)
    {
        if (magnitude == 0)
        {
            return (new string('0', count), 0);
        }

        int exponent = (int)Math.Floor(Math.Log10(magnitude));
        string digits = Scale(magnitude, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        while (digits.Length != count)
        {
            exponent += digits.Length > count ? 1 : -1;
            digits = Scale(magnitude, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        }

        return (digits, exponent);
    }

    /// <summary>The significant digits of a number as .NET writes it, and the power of ten of the first.</summary>
    internal static (string Digits, int Exponent) Decompose(string number)
    {
        ReadOnlySpan<char> text = number.AsSpan().TrimStart('-');
        int e = text.IndexOf('E');
        int exponent = e < 0 ? 0 : int.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        ReadOnlySpan<char> mantissa = e < 0 ? text : text[..e];
        int point = mantissa.IndexOf('.');
        int whole = point < 0 ? mantissa.Length : point;
        string digits = mantissa.ToString().Replace(".", string.Empty, StringComparison.Ordinal);
        int zeros = digits.Length - digits.TrimStart('0').Length;
        string trimmed = digits.Trim('0');
        return (trimmed, exponent + whole - 1 - zeros);
    }

    private static string Scientific(string digits, int exponent, char letter, bool keepZeros = false)
    {
        string mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{(keepZeros ? digits[1..] : digits[1..].TrimEnd('0'))}";
        return $"{mantissa}{letter}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static string Fixed(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        return exponent + 1 >= digits.Length
            ? digits.PadRight(exponent + 1, '0') + ".0"
            : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
