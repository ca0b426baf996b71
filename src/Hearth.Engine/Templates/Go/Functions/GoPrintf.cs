using System.Globalization;
using System.Text;
using Hearth.Engine.Templates.Formatting;
using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Functions;

/// <summary>Go's <c>Sprintf</c>: what does not fit is written as <c>%!d(string=a)</c>, never an error.</summary>
internal sealed class GoPrintf(Budget budget, StringValue format, GoValue[] arguments)
{
    private const int MaxWidth = 1_000_000;
    private const int MaxPrecision = 1000;
    private const int DefaultPrecision = 6;

    private readonly string _format = format.Text;
    private readonly TextBuilder _output = new(budget);
    private int _position;
    private int _argument;
    private bool _isReordered;
    private string _flags = string.Empty;
    private int? _width;
    private int? _precision;

    public StringValue Run()
    {
        while (_position < _format.Length)
        {
            int verb = _format.IndexOf('%', _position);
            int end = verb < 0 ? _format.Length : verb;
            _output.Append(format.Substring(_position, end - _position));
            _position = end;
            if (verb >= 0)
            {
                _position++;
                WriteVerb();
            }
        }

        WriteExtra();
        return _output.ToValue();
    }

    private void WriteVerb()
    {
        int start = _position;
        while (_position < _format.Length && _format[_position] is '+' or '-' or '#' or ' ' or '0')
        {
            _position++;
        }

        _flags = _format[start.._position];
        bool isBad = !ReadIndex();
        _width = ReadCount(MaxWidth);
        if (_width < 0)
        {
            _flags += "-";
            _width = -_width;
        }

        _precision = null;
        if (_position < _format.Length && _format[_position] == '.')
        {
            _position++;
            isBad |= !ReadIndex();
            _precision = ReadCount(MaxPrecision) ?? 0;
        }

        isBad |= !ReadIndex();
        if (!Rune.TryGetRuneAt(_format, Math.Min(_position, Math.Max(0, _format.Length - 1)), out Rune verb) || _position >= _format.Length)
        {
            Append("%!(NOVERB)");
            return;
        }

        _position += verb.Utf16SequenceLength;
        if (verb.Value == '%')
        {
            Append("%");
        }
        else if (isBad)
        {
            Append($"%!{verb}(BADINDEX)");
        }
        else if (_argument >= arguments.Length)
        {
            Append($"%!{verb}(MISSING)");
        }
        else
        {
            Write(verb, arguments[_argument++]);
        }
    }

    /// <summary><c>[n]</c>, which chooses an argument; false when there is no such one.</summary>
    private bool ReadIndex()
    {
        if (_position >= _format.Length || _format[_position] != '[')
        {
            return true;
        }

        _isReordered = true;
        int end = _format.IndexOf(']', _position);
        bool isNumber = int.TryParse(
            end < 0 ? [] : _format.AsSpan(_position + 1, end - _position - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index);
        _position = end < 0 ? _position + 1 : end + 1;
        if (!isNumber || index < 1 || index > arguments.Length)
        {
            return false;
        }

        _argument = index - 1;
        return true;
    }

    private int? ReadCount(int most)
    {
        int start = _position;
        if (_position < _format.Length && _format[_position] == '*')
        {
            _position++;
            return _argument < arguments.Length && arguments[_argument++] is GoInt count
                ? (int)Math.Clamp(count.Number, -most, most)
                : null;
        }

        while (_position < _format.Length && char.IsAsciiDigit(_format[_position]))
        {
            _position++;
        }

        return _position == start ? null
            : int.TryParse(_format.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most
                ? number
                : throw TemplateException.Budget(
                    $"printf: a width or precision of {_format[start.._position]} was asked for, and {most} are allowed.");
    }

    private void Write(Rune verb, GoValue value)
    {
        if (verb.Value == 'T')
        {
            Pad(StringValue.FromTemplate(value is GoNil ? "<nil>" : value.TypeName));
            return;
        }

        StringValue? text = (value, (char)verb.Value) switch
        {
            (GoNil, 'v') => StringValue.FromTemplate("<nil>"),
            (GoNil, _) => null,
            (GoBool, 't' or 'v') => GoPrinter.Print(budget, value),
            (GoInt number, _) => Integer(number.Number, (char)verb.Value),
            (GoFloat number, _) => Real(number.Number, (char)verb.Value),
            (GoString or GoContainer { Style: not GoStyle.Plain }, 's' or 'v' or 'q' or 'x' or 'X') =>
                Text(GoPrinter.Print(budget, value), (char)verb.Value),
            (GoContainer, 'v' or 's') => GoPrinter.Print(budget, value, isText: verb.Value == 's'),
            _ => null,
        };
        if (text is not null)
        {
            Pad(text);
            return;
        }

        Append($"%!{verb}(");
        _output.Append(value is GoNil ? "<nil>" : value.TypeName + "=", isTrusted: true);
        _output.Append(value is GoNil ? StringValue.Empty : GoPrinter.Print(budget, value));
        Append(")");
    }

    private StringValue Text(StringValue value, char verb)
    {
        StringValue cut = _precision is int most && most < value.CodePointCount ? value.Substring(0, value.Offset(most)) : value;
        return verb switch
        {
            'q' when Has('#') && !cut.Text.Contains('`', StringComparison.Ordinal) => StringValue.From($"`{cut.Text}`", cut.IsTrusted),
            'q' => StringValue.From(GoQuote.Quote(cut.Text), cut.IsTrusted),
            'x' => StringValue.From(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(value.Text)), value.IsTrusted),
            'X' => StringValue.From(Convert.ToHexString(Encoding.UTF8.GetBytes(value.Text)), value.IsTrusted),
            _ => cut,
        };
    }

    private StringValue? Integer(long number, char verb)
    {
        // A character made of a number may be one of the user's.
        if (verb is 'c' or 'q')
        {
            string character = Rune.TryCreate((int)Math.Clamp(number, -1, int.MaxValue), out Rune rune) ? rune.ToString() : "\uFFFD";
            return StringValue.FromInput(verb == 'c' ? character : GoQuote.Character(character));
        }

        ulong magnitude = number < 0 ? (ulong)-number : (ulong)number;
        string? digits = verb switch
        {
            'd' or 'v' => magnitude.ToString(CultureInfo.InvariantCulture),
            'x' => (Has('#') ? "0x" : string.Empty) + magnitude.ToString("x", CultureInfo.InvariantCulture),
            'X' => (Has('#') ? "0X" : string.Empty) + magnitude.ToString("X", CultureInfo.InvariantCulture),
            'b' => (Has('#') ? "0b" : string.Empty) + magnitude.ToString("b", CultureInfo.InvariantCulture),
            'o' => (Has('#') ? "0" : string.Empty) + Octal(magnitude),
            'O' => "0o" + Octal(magnitude),
            'U' => "U+" + magnitude.ToString("X4", CultureInfo.InvariantCulture),
            _ => null,
        };
        digits = digits?.PadLeft(_precision ?? 0, '0');
        return digits is null ? null : StringValue.FromTemplate(Signed(digits, number < 0, isPadded: _precision is null));
    }

    private static string Octal(ulong magnitude)
    {
        const int BitsPerDigit = 3;
        var digits = new StringBuilder();
        for (ulong rest = magnitude; rest > 0 || digits.Length == 0; rest >>= BitsPerDigit)
        {
            digits.Insert(0, (char)('0' + (rest & 7)));
        }

        return digits.ToString();
    }

    private StringValue? Real(double number, char verb)
    {
        int precision = _precision ?? DefaultPrecision;
        double magnitude = Math.Abs(number);
        string? digits = verb switch
        {
            'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'v' when !double.IsFinite(number) => GoNumber.NotFinite(magnitude).TrimStart('+'),
            'f' or 'F' => PythonFloat.ToFixed(magnitude, precision),
            'e' or 'E' => PythonFloat.ToScientific(magnitude, precision, verb),
            'g' or 'v' => _precision is null ? GoNumber.Shortest(magnitude) : PythonFloat.ToGeneral(magnitude, precision),
            'G' => (_precision is null ? GoNumber.Shortest(magnitude) : PythonFloat.ToGeneral(magnitude, precision)).ToUpperInvariant(),
            _ => null,
        };
        return digits is null ? null : StringValue.FromTemplate(Signed(digits, double.IsNegative(number), isPadded: double.IsFinite(number)));
    }

    private string Signed(string digits, bool isNegative, bool isPadded)
    {
        string sign = isNegative ? "-" : Has('+') ? "+" : Has(' ') ? " " : string.Empty;
        return isPadded && Has('0') && !Has('-') && _width is int width
            ? sign + digits.PadLeft(width - sign.Length, '0')
            : sign + digits;
    }

    private bool Has(char flag) => _flags.Contains(flag, StringComparison.Ordinal);

    private void Pad(StringValue text)
    {
        int missing = Math.Max(0, (_width ?? 0) - text.CodePointCount);
        string padding = new(' ', missing);
        _output.Append(Has('-') ? string.Empty : padding, isTrusted: true);
        _output.Append(text);
        _output.Append(Has('-') ? padding : string.Empty, isTrusted: true);
    }

    private void WriteExtra()
    {
        if (_isReordered || _argument >= arguments.Length)
        {
            return;
        }

        Append("%!(EXTRA ");
        for (int i = _argument; i < arguments.Length; i++)
        {
            Append(i > _argument ? ", " : string.Empty);
            Append(arguments[i] is GoNil ? "<nil>" : arguments[i].TypeName + "=");
            _output.Append(arguments[i] is GoNil ? StringValue.Empty : GoPrinter.Print(budget, arguments[i]));
        }

        Append(")");
    }

    private void Append(string text) => _output.Append(text, isTrusted: true);
}
