using System.Globalization;
using System.Numerics;
using System.Text;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Formatting;

/// <summary>Python's <c>format % values</c>.</summary>
internal sealed class PercentFormat
{
    private const int MaxWidth = 1_000_000;
    private const int DefaultPrecision = 6;

    private readonly RenderState _state;
    private readonly StringValue _format;
    private readonly Value _values;
    private readonly TextBuilder _output;
    private int _position;
    private int _next;
    private bool _usedMapping;

    private PercentFormat(RenderState state, StringValue format, Value values)
    {
        _state = state;
        _format = format;
        _values = values;
        _output = new TextBuilder(state.Budget);
    }

    public static StringValue Format(RenderState state, StringValue format, Value values) =>
        new PercentFormat(state, format, values).Run().AsMarkup(format.IsMarkup);

    private StringValue Run()
    {
        string text = _format.Text;
        while (_position < text.Length)
        {
            int percent = text.IndexOf('%', _position);
            int end = percent < 0 ? text.Length : percent;
            _output.Append(_format.Substring(_position, end - _position));
            _position = end;
            if (percent >= 0)
            {
                _position++;
                WriteField();
            }
        }

        bool isConsumed = _values is TupleValue tuple
            ? _next >= tuple.Items.Count
            : _next > 0 || _usedMapping || _values is DictValue or ListValue or UndefinedValue;
        return isConsumed ? _output.ToValue() : throw TemplateException.Type("not all arguments converted during string formatting");
    }

    private void WriteField()
    {
        Value? mapped = Peek() == '(' ? ReadMapped() : null;
        string flags = ReadFlags();
        int width = ReadNumber() ?? 0;
        if (width < 0)
        {
            flags += '-';
            width = -width;
        }

        int? precision = null;
        if (Peek() == '.')
        {
            _position++;
            precision = Math.Max(ReadNumber() ?? 0, 0);
        }

        while (Peek() is 'h' or 'l' or 'L')
        {
            _position++;
        }

        char conversion = Peek() ?? throw TemplateException.Value("incomplete format");
        _position++;
        if (conversion == '%')
        {
            _output.Append("%", isTrusted: true);
            return;
        }

        if (width > MaxWidth || precision > PythonFloat.MaxPrecision && conversion is not ('s' or 'r' or 'a'))
        {
            throw TemplateException.Budget("The width or precision of a format is too large.");
        }

        _state.Budget.Charge(1 + Math.Min(precision ?? 0, PythonFloat.MaxPrecision));
        WriteValue(conversion, mapped ?? Next(), flags, width, precision);
    }

    private void WriteValue(char conversion, Value value, string flags, int width, int? precision)
    {
        switch (conversion)
        {
            case 's' or 'r' or 'a':
                StringValue text = conversion == 's' ? Representation.Str(_state, value) : Representation.Repr(_state, value);
                text = conversion == 'a' ? text.WithText(FormatSpec.ToAscii(text.Text)) : text;
                text = _format.IsMarkup ? Markup.Escape(_state, text) : text;
                Pad(precision is { } limit && limit < text.CodePointCount ? text.Substring(0, text.Offset(limit)) : text, flags, width);
                break;
            case 'c':
                Pad(Character(value), flags, width);
                break;
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                PadNumber(Integer(conversion, value, precision, flags), flags, width);
                break;
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                PadNumber(Real(conversion, value, precision ?? DefaultPrecision, flags), flags, width);
                break;
            default:
                throw TemplateException.Value($"unsupported format character '{conversion}'");
        }
    }

    private static StringValue Character(Value value)
    {
        if (value is StringValue { CodePointCount: 1 } text)
        {
            return text;
        }

        return Numeric.TryGetIndex(value, out int code) && Rune.IsValid(code)
            ? StringValue.FromTemplate(new Rune(code).ToString())
            : throw TemplateException.Type("%c requires int or char");
    }

    private string Integer(char conversion, Value value, int? precision, string flags)
    {
        BigInteger number;
        if (value is FloatValue real && conversion is 'd' or 'i' or 'u')
        {
            number = NumberConversion.Truncate(((FloatValue)value).Number);
        }
        else if (!Numeric.TryGetInteger(value, out number))
        {
            throw value is UndefinedValue undefined
                ? undefined.Error(_state)
                : TemplateException.Type($"%{conversion} format: a real number is required, not {value.TypeName}");
        }

        string digits = conversion switch
        {
            'x' => FormatSpec.ToRadix(BigInteger.Abs(number), 16),
            'X' => FormatSpec.ToRadix(BigInteger.Abs(number), 16).ToUpperInvariant(),
            'o' => FormatSpec.ToRadix(BigInteger.Abs(number), 8),
            _ => BigInteger.Abs(number).ToString(CultureInfo.InvariantCulture),
        };
        bool hasPrefix = flags.Contains('#', StringComparison.Ordinal);
        string prefix = (hasPrefix, conversion) switch
        {
            (true, 'x') => "0x",
            (true, 'X') => "0X",
            (true, 'o') => "0o",
            _ => string.Empty,
        };
        return Sign(number.Sign < 0, flags) + prefix + digits.PadLeft(precision ?? 0, '0');
    }

    private string Real(char conversion, Value value, int precision, string flags)
    {
        if (!Numeric.TryGetDouble(value, out double number))
        {
            throw value is UndefinedValue undefined
                ? undefined.Error(_state)
                : TemplateException.Type($"must be real number, not {value.TypeName}");
        }

        bool keepZeros = flags.Contains('#', StringComparison.Ordinal);
        bool isNegative = double.IsNegative(number) && !double.IsNaN(number);
        return Sign(isNegative, flags) + FormatSpec.Magnitude(Math.Abs(number), conversion, precision, keepZeros);
    }

    private static string Sign(bool isNegative, string flags) =>
        isNegative ? "-"
        : flags.Contains('+', StringComparison.Ordinal) ? "+"
        : flags.Contains(' ', StringComparison.Ordinal) ? " " : string.Empty;

    private void PadNumber(string text, string flags, int width)
    {
        if (flags.Contains('0', StringComparison.Ordinal) && !flags.Contains('-', StringComparison.Ordinal) && text.Length < width)
        {
            int start = text.AsSpan().IndexOfAnyInRange('0', '9') is var digit && digit < 0 ? 0 : digit;
            ReadOnlySpan<char> number = text.AsSpan(start);
            start += number.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || number.StartsWith("0o") ? 2 : 0;
            text = string.Concat(text.AsSpan(0, start), new string('0', width - text.Length), text.AsSpan(start));
        }

        Pad(StringValue.FromTemplate(text), flags, width);
    }

    private void Pad(StringValue text, string flags, int width)
    {
        string padding = new(' ', Math.Max(0, width - text.CodePointCount));
        bool isLeft = flags.Contains('-', StringComparison.Ordinal);
        _output
            .Append(isLeft ? string.Empty : padding, isTrusted: true)
            .Append(text)
            .Append(isLeft ? padding : string.Empty, isTrusted: true);
    }

    private char? Peek() => _position < _format.Text.Length ? _format.Text[_position] : null;

    private string ReadFlags()
    {
        int start = _position;
        while (Peek() is '-' or '+' or ' ' or '#' or '0')
        {
            _position++;
        }

        return _format.Text[start.._position];
    }

    private int? ReadNumber()
    {
        if (Peek() == '*')
        {
            _position++;
            return Numeric.TryGetIndex(Next(), out int given) ? given : throw TemplateException.Type("* wants int");
        }

        int start = _position;
        while (Peek() is >= '0' and <= '9')
        {
            _position++;
        }

        return start == _position ? null
            : int.TryParse(_format.Text.AsSpan(start, _position - start), CultureInfo.InvariantCulture, out int number) ? number
            : throw TemplateException.Value("width too big");
    }

    private Value ReadMapped()
    {
        int start = ++_position;
        for (int depth = 1; depth > 0; _position++)
        {
            depth += Peek() switch { '(' => 1, ')' => -1, null => throw TemplateException.Value("incomplete format key"), _ => 0 };
        }

        if (_values is not DictValue dict)
        {
            throw TemplateException.Type("format requires a mapping");
        }

        string key = _format.Text[start..(_position - 1)];
        _usedMapping = true;
        return dict.Find(key) ?? throw TemplateException.Value($"KeyError: '{key}'");
    }

    private Value Next()
    {
        if (_values is TupleValue tuple)
        {
            return _next < tuple.Items.Count
                ? tuple.Items[_next++]
                : throw TemplateException.Type("not enough arguments for format string");
        }

        return _next++ == 0 ? _values : throw TemplateException.Type("not enough arguments for format string");
    }
}
