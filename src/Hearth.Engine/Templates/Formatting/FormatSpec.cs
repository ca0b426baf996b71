using System.Globalization;
using System.Numerics;
using System.Text;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Formatting;

/// <summary>Python's format specification: <c>[[fill]align][sign][#][0][width][grouping][.precision][type]</c>.</summary>
internal sealed class FormatSpec
{
    private const int MaxWidth = 1_000_000;
    private const int DefaultPrecision = 6;

    private string _fill = " ";
    private char? _align;
    private char _sign = '-';
    private bool _alternate;
    private int _width;
    private char? _grouping;
    private int? _precision;
    private char? _type;

    public static StringValue Format(RenderState state, Value value, string specification)
    {
        if (specification.Length == 0)
        {
            return Representation.Str(state, value);
        }

        return value switch
        {
            StringValue text => Parse(specification).FormatText(state, text),
            BoolValue when specification[^1] is not (>= 'a' and <= 'z' or >= 'A' and <= 'Z' or '%') =>
                Parse(specification).FormatNumber(state, value),
            IntValue or FloatValue or BoolValue => Parse(specification).FormatNumber(state, value),
            UndefinedValue undefined => throw undefined.Error(state),
            _ => throw TemplateException.Type($"unsupported format string passed to {value.TypeName}.__format__"),
        };
    }

    /// <summary>The digits of a number that is not negative, to base 2, 8 or 16.</summary>
    public static string ToRadix(BigInteger number, int radix)
    {
        const int BitsPerOctalDigit = 3;
        if (radix == 16)
        {
            return TrimZeros(number.ToString("x", CultureInfo.InvariantCulture));
        }

        string binary = TrimZeros(number.ToString("b", CultureInfo.InvariantCulture));
        if (radix == 2)
        {
            return binary;
        }

        binary = binary.PadLeft((binary.Length + 2) / BitsPerOctalDigit * BitsPerOctalDigit, '0');
        var octal = new StringBuilder();
        for (int i = 0; i < binary.Length; i += BitsPerOctalDigit)
        {
            octal.Append((char)('0' + ((binary[i] - '0') * 4) + ((binary[i + 1] - '0') * 2) + (binary[i + 2] - '0')));
        }

        return octal.ToString();

        static string TrimZeros(string digits) => digits.TrimStart('0').PadLeft(1, '0');
    }

    /// <summary>The text with everything beyond ASCII escaped.</summary>
    public static string ToAscii(string text)
    {
        var ascii = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                < 0x80 => ascii.Append((char)rune.Value),
                < 0x100 => ascii.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => ascii.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => ascii.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return ascii.ToString();
    }

    /// <summary>A float that is not negative, in one of the formats e, f, g (or E, F, G).</summary>
    public static string Magnitude(double magnitude, char type, int precision, bool keepZeros)
    {
        if (!double.IsFinite(magnitude))
        {
            string text = double.IsNaN(magnitude) ? "nan" : "inf";
            return char.IsAsciiLetterUpper(type) ? text.ToUpperInvariant() : text;
        }

        return type switch
        {
            'e' or 'E' => PythonFloat.ToScientific(magnitude, precision, type),
            'f' or 'F' => PythonFloat.ToFixed(magnitude, precision),
            _ => PythonFloat.ToGeneral(magnitude, precision, type == 'G' ? 'E' : 'e', keepZeros),
        };
    }

    private static FormatSpec Parse(string text)
    {
        var spec = new FormatSpec();
        int position = 0;
        int fillWidth = CodePoints.Width(text, 0);
        if (text.Length > fillWidth && IsAlign(text[fillWidth]))
        {
            spec._fill = text[..fillWidth];
            spec._align = text[fillWidth];
            position = fillWidth + 1;
        }
        else if (IsAlign(text[0]))
        {
            spec._align = text[0];
            position = 1;
        }

        if (Peek() is '+' or '-' or ' ')
        {
            spec._sign = text[position++];
        }

        if (Peek() == '#')
        {
            spec._alternate = true;
            position++;
        }

        if (Peek() == '0')
        {
            spec._fill = spec._align is null ? "0" : spec._fill;
            spec._align ??= '=';
            position++;
        }

        spec._width = ReadNumber() ?? 0;
        if (Peek() is ',' or '_')
        {
            spec._grouping = text[position++];
        }

        if (Peek() == '.')
        {
            position++;
            spec._precision = ReadNumber() ?? throw TemplateException.Value("Format specifier missing precision");
        }

        if (position < text.Length)
        {
            spec._type = text[position++];
        }

        return position == text.Length ? spec : throw TemplateException.Value($"Invalid format specifier '{text}'");

        char? Peek() => position < text.Length ? text[position] : null;

        int? ReadNumber()
        {
            int start = position;
            while (Peek() is >= '0' and <= '9')
            {
                position++;
            }

            if (start == position)
            {
                return null;
            }

            return int.TryParse(text.AsSpan(start, position - start), CultureInfo.InvariantCulture, out int number) && number <= MaxWidth
                ? number
                : throw TemplateException.Budget("The width or precision of a format is too large.");
        }
    }

    private static bool IsAlign(char c) => c is '<' or '>' or '=' or '^';

    private StringValue FormatText(RenderState state, StringValue text)
    {
        if (_type is not (null or 's') || _align == '=' && _fill != "0" || _sign != '-' || _alternate || _grouping is not null)
        {
            throw TemplateException.Value($"Unknown format code '{_type}' for object of type 'str'");
        }

        if (_precision is { } limit && limit < text.CodePointCount)
        {
            text = text.Substring(0, text.Offset(limit));
        }

        return Pad(state, text, _align is '=' or null ? '<' : _align.Value);
    }

    private StringValue FormatNumber(RenderState state, Value value)
    {
        bool isInteger = Numeric.TryGetInteger(value, out BigInteger integer);
        bool isIntegerType = _type is 'd' or 'x' or 'X' or 'o' or 'b' or 'c';
        bool asInteger = isInteger && (isIntegerType || _type is null or 'n');
        bool isRealType = _type is null or 'n' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%';
        if (!isRealType && !(isIntegerType && isInteger))
        {
            throw TemplateException.Value($"Unknown format code '{_type}' for object of type '{value.TypeName}'");
        }

        if (_precision > PythonFloat.MaxPrecision)
        {
            throw TemplateException.Budget("The precision of a format is too large.");
        }

        state.Budget.Charge(_precision ?? 0);
        (string sign, string prefix, string digits) = asInteger ? IntegerParts(integer) : RealParts(value);
        if (_grouping is { } separator)
        {
            digits = Group(digits, separator, _type is 'x' or 'X' or 'o' or 'b' ? 4 : 3);
        }

        int missing = _width - sign.Length - prefix.Length - digits.Length;
        if (_align == '=' && missing > 0)
        {
            digits = _fill == "0" && _grouping is { } group
                ? PadGrouped(digits, group, _width - sign.Length - prefix.Length)
                : string.Concat(Enumerable.Repeat(_fill, missing)) + digits;
        }

        return Pad(state, StringValue.FromTemplate(sign + prefix + digits), _align is null or '=' ? '>' : _align.Value);
    }

    private (string Sign, string Prefix, string Digits) IntegerParts(BigInteger number)
    {
        if (_precision is not null)
        {
            throw TemplateException.Value("Precision not allowed in integer format specifier");
        }

        BigInteger magnitude = BigInteger.Abs(number);
        string sign = Sign(number.Sign < 0);
        return _type switch
        {
            'c' => (string.Empty, string.Empty, Character(Numeric.Saturate(number))),
            'x' => (sign, _alternate ? "0x" : string.Empty, ToRadix(magnitude, 16)),
            'X' => (sign, _alternate ? "0X" : string.Empty, ToRadix(magnitude, 16).ToUpperInvariant()),
            'o' => (sign, _alternate ? "0o" : string.Empty, ToRadix(magnitude, 8)),
            'b' => (sign, _alternate ? "0b" : string.Empty, ToRadix(magnitude, 2)),
            _ => (sign, string.Empty, magnitude.ToString(CultureInfo.InvariantCulture)),
        };
    }

    private static string Character(int code) =>
        Rune.IsValid(code) ? new Rune(code).ToString() : throw TemplateException.Value("%c arg not in range(0x110000)");

    private (string Sign, string Prefix, string Digits) RealParts(Value value)
    {
        _ = Numeric.TryGetDouble(value, out double number);
        double magnitude = Math.Abs(number);
        string digits = _type switch
        {
            null when _precision is null => PythonFloat.Repr(magnitude),
            null => General(magnitude, _precision.Value),
            '%' => Magnitude(magnitude * 100, 'f', _precision ?? DefaultPrecision, keepZeros: false) + "%",
            'n' => Magnitude(magnitude, 'g', _precision ?? DefaultPrecision, _alternate),
            { } type => Magnitude(magnitude, type, _precision ?? DefaultPrecision, _alternate),
        };
        return (Sign(double.IsNegative(number) && !double.IsNaN(number)), string.Empty, digits);
    }

    // Without a type, 'g' with at least one digit after the point, and the exponent form one digit earlier.
    private static string General(double magnitude, int precision)
    {
        string text = Magnitude(magnitude, 'g', precision, keepZeros: false);
        if (!double.IsFinite(magnitude) || text.AsSpan().IndexOfAny('.', 'e') >= 0)
        {
            return text;
        }

        return text.Length >= Math.Max(precision, 1) && magnitude >= 1
            ? PythonFloatExponent(magnitude, precision)
            : text + ".0";
    }

    private static string PythonFloatExponent(double magnitude, int precision)
    {
        string text = PythonFloat.ToScientific(magnitude, Math.Max(precision, 1) - 1);
        int e = text.IndexOf('e', StringComparison.Ordinal);
        string mantissa = text[..e];
        mantissa = mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa;
        return mantissa + text[e..];
    }

    private string Sign(bool isNegative) => isNegative ? "-" : _sign == '-' ? string.Empty : _sign.ToString();

    private static string Group(string digits, char separator, int size)
    {
        int end = digits.AsSpan().IndexOfAny(".e%");
        end = end < 0 ? digits.Length : end;
        var grouped = new StringBuilder(digits);
        for (int i = end - size; i > 0; i -= size)
        {
            grouped.Insert(i, separator);
        }

        return grouped.ToString();
    }

    private static string PadGrouped(string digits, char separator, int width)
    {
        int end = digits.AsSpan().IndexOfAny(".e%");
        end = end < 0 ? digits.Length : end;
        string whole = digits[..end].Replace(separator.ToString(), string.Empty, StringComparison.Ordinal);
        string padded = Group(whole, separator, 3);
        while (padded.Length + digits.Length - end < width)
        {
            whole = '0' + whole;
            padded = Group(whole, separator, 3);
        }

        return padded + digits[end..];
    }

    private StringValue Pad(RenderState state, StringValue text, char align)
    {
        int missing = _width - text.CodePointCount;
        if (missing <= 0)
        {
            return text;
        }

        int before = align switch { '<' => 0, '>' => missing, _ => missing / 2 };
        return new TextBuilder(state.Budget)
            .Append(string.Concat(Enumerable.Repeat(_fill, before)), isTrusted: true)
            .Append(text)
            .Append(string.Concat(Enumerable.Repeat(_fill, missing - before)), isTrusted: true)
            .ToValue();
    }
}
