using System.Globalization;
using System.Numerics;
using System.Text;
using Hearth.Engine.Templates.Formatting;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>Python's <c>str</c> and <c>repr</c>. A text made from a container is the template's only if all strings in it are.</summary>
internal static class Representation
{
    public static StringValue Str(RenderState state, Value value) => value switch
    {
        StringValue text => text,
        UndefinedValue => StringValue.Empty,
        IntValue or FloatValue or BoolValue or NoneValue => StringValue.FromTemplate(Scalar(state, value)),
        _ => Repr(state, value),
    };

    public static StringValue Repr(RenderState state, Value value)
    {
        var writer = new Writer(state);
        writer.Write(value);
        return writer.ToValue();
    }

    private static string Scalar(RenderState state, Value value) => value switch
    {
        IntValue integer => Digits(state, integer.Number),
        FloatValue real => PythonFloat.Repr(real.Number),
        BoolValue boolean => boolean.IsTrue ? "True" : "False",
        _ => "None",
    };

    private static string Digits(RenderState state, BigInteger number)
    {
        const int BitsPerStep = 8;
        state.Budget.Charge(number.GetBitLength() / BitsPerStep);
        return number.ToString(CultureInfo.InvariantCulture);
    }

    private sealed class Writer(RenderState state)
    {
        private readonly StringBuilder _text = new();
        private bool _isTrusted = true;

        public StringValue ToValue() => StringValue.From(_text.ToString(), _isTrusted);

        public void Write(Value value)
        {
            state.Budget.Enter();
            state.Budget.Charge();
            state.Budget.CheckLength(_text.Length);
            switch (value)
            {
                case StringValue text:
                    WriteString(text);
                    break;
                case IntValue or FloatValue or BoolValue or NoneValue:
                    _text.Append(Scalar(state, value));
                    break;
                case UndefinedValue:
                    _text.Append("Undefined");
                    break;
                case ListValue list:
                    WriteItems('[', list, ']');
                    break;
                case TupleValue tuple:
                    WriteItems('(', tuple, tuple.Items.Count == 1 ? ",)" : ")");
                    break;
                case DictValue dict:
                    WriteEntries(dict);
                    break;
                case DictViewValue:
                    WriteView(value);
                    break;
                case RangeValue range:
                    string step = range.Step == 1 ? string.Empty : $", {range.Step}";
                    _text.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}{step})");
                    break;
                case NamespaceValue space:
                    WriteNamespace(space);
                    break;
                case MacroValue macro:
                    _text.Append("<Macro ").Append(macro.Name is null ? "anonymous" : $"'{macro.Name}'").Append('>');
                    break;
                case LoopValue loop:
                    _text.Append(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index0 + 1}/{loop.CountAll()}>");
                    break;
                case FunctionValue function:
                    _text.Append("<built-in function ").Append(function.Name).Append('>');
                    break;
                default:
                    _text.Append('<').Append(value.TypeName).Append(" object>");
                    break;
            }

            state.Budget.Leave();
        }

        private void WriteItems(char open, SequenceValue sequence, char close) => WriteItems(open, sequence, close.ToString());

        private void WriteItems(char open, SequenceValue sequence, string close)
        {
            _text.Append(open);
            for (int i = 0; i < sequence.Items.Count; i++)
            {
                if (i > 0)
                {
                    _text.Append(", ");
                }

                Write(sequence.Items[i]);
            }

            _text.Append(close);
        }

        private void WriteEntries(DictValue dict)
        {
            string separator = string.Empty;
            _text.Append('{');
            foreach ((Value key, Value item) in dict.Entries)
            {
                _text.Append(separator);
                Write(key);
                _text.Append(": ");
                Write(item);
                separator = ", ";
            }

            _text.Append('}');
        }

        private void WriteView(Value view)
        {
            _text.Append(view.TypeName).Append('(');
            using IEnumerator<Value> items = view.Iterate(state)!;
            var list = new List<Value>();
            while (items.MoveNext())
            {
                list.Add(items.Current);
            }

            WriteItems('[', new ListValue(list), ']');
            _text.Append(')');
        }

        private void WriteNamespace(NamespaceValue space)
        {
            string separator = string.Empty;
            _text.Append("<Namespace {");
            foreach ((string name, Value item) in space.Attributes)
            {
                _text.Append(separator).Append('\'').Append(name).Append("': ");
                Write(item);
                separator = ", ";
            }

            _text.Append("}>");
        }

        private void WriteString(StringValue value)
        {
            state.Budget.ChargeText(value.Text.Length);
            _isTrusted &= value.IsTrusted;
            if (value.IsMarkup)
            {
                _text.Append("Markup(");
            }

            bool hasApostrophe = value.Text.Contains('\'', StringComparison.Ordinal);
            char quote = hasApostrophe && !value.Text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
            _text.Append(quote);
            for (int i = 0; i < value.Text.Length;)
            {
                if (!Rune.TryGetRuneAt(value.Text, i, out Rune rune))
                {
                    _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)value.Text[i]:x4}");
                    i++;
                    continue;
                }

                WriteRune(rune, quote);
                i += rune.Utf16SequenceLength;
            }

            _text.Append(quote);
            if (value.IsMarkup)
            {
                _text.Append(')');
            }
        }

        private void WriteRune(Rune rune, char quote)
        {
            if (rune.Value is >= ' ' and < 0x7F && rune.Value != quote && rune.Value != '\\')
            {
                _text.Append((char)rune.Value);
                return;
            }

            _ = rune.Value switch
            {
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                _ when rune.Value == quote => _text.Append('\\').Append(quote),
                _ when CharacterClass.IsPrintable(rune) => _text.Append(rune.ToString()),
                < 0x100 => _text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => _text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => _text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }
    }
}
