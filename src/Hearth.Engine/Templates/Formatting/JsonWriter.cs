using System.Globalization;
using System.Text;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Formatting;

/// <summary>Python's <c>json.dumps</c>, as the <c>tojson</c> filter calls it.</summary>
internal sealed class JsonWriter(
    RenderState state, bool ensureAscii, string? indent, string itemSeparator, string keySeparator, bool sortKeys)
{
    private readonly StringBuilder _text = new();
    private bool _isTrusted = true;
    private int _level;

    /// <summary>The JSON text of a value; the template's only if all strings in it are.</summary>
    public StringValue Write(Value value)
    {
        WriteValue(value);
        state.Budget.CheckLength(_text.Length);
        return StringValue.From(_text.ToString(), _isTrusted);
    }

    private void WriteValue(Value value)
    {
        state.Budget.Enter();
        state.Budget.Charge();
        state.Budget.CheckLength(_text.Length);
        switch (value)
        {
            case StringValue text:
                WriteString(text);
                break;
            case NoneValue or BoolValue or IntValue or FloatValue:
                _text.Append(Scalar(value));
                break;
            case SequenceValue sequence:
                WriteArray(sequence.Items);
                break;
            case DictValue dict:
                WriteObject(dict);
                break;
            default:
                throw TemplateException.Type($"Object of type {value.TypeName} is not JSON serializable");
        }

        state.Budget.Leave();
    }

    private static string Scalar(Value value) => value switch
    {
        NoneValue => "null",
        BoolValue boolean => boolean.IsTrue ? "true" : "false",
        FloatValue { Number: double.NaN } => "NaN",
        FloatValue { Number: double.PositiveInfinity } => "Infinity",
        FloatValue { Number: double.NegativeInfinity } => "-Infinity",
        FloatValue real => PythonFloat.Repr(real.Number),
        _ => ((IntValue)value).Number.ToString(CultureInfo.InvariantCulture),
    };

    private void WriteArray(IReadOnlyList<Value> items)
    {
        if (items.Count == 0)
        {
            _text.Append("[]");
            return;
        }

        _text.Append('[');
        _level++;
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                _text.Append(itemSeparator);
            }

            WriteLineBreak();
            WriteValue(items[i]);
        }

        _level--;
        WriteLineBreak();
        _text.Append(']');
    }

    private void WriteObject(DictValue dict)
    {
        if (dict.Entries.Count == 0)
        {
            _text.Append("{}");
            return;
        }

        IReadOnlyList<KeyValuePair<Value, Value>> entries = [.. dict.Entries];
        if (sortKeys)
        {
            entries = StableSort.Sort(entries, (a, b) => Comparison.IsOrdered(state, a.Key, b.Key, "<"));
        }

        _text.Append('{');
        _level++;
        string separator = string.Empty;
        foreach ((Value key, Value value) in entries)
        {
            _text.Append(separator);
            WriteLineBreak();
            WriteKey(key);
            _text.Append(keySeparator);
            WriteValue(value);
            separator = itemSeparator;
        }

        _level--;
        WriteLineBreak();
        _text.Append('}');
    }

    private void WriteKey(Value key)
    {
        switch (key)
        {
            case StringValue text:
                WriteString(text);
                break;
            case NoneValue or BoolValue or IntValue or FloatValue:
                _text.Append('"').Append(Scalar(key)).Append('"');
                break;
            default:
                throw TemplateException.Type($"keys must be str, int, float, bool or None, not {key.TypeName}");
        }
    }

    private void WriteLineBreak()
    {
        if (indent is null)
        {
            return;
        }

        state.Budget.ChargeText((long)indent.Length * _level);
        _text.Append('\n');
        for (int i = 0; i < _level; i++)
        {
            _text.Append(indent);
        }
    }

    private void WriteString(StringValue value)
    {
        state.Budget.ChargeText(value.Text.Length);
        _isTrusted &= value.IsTrusted;
        _text.Append('"');
        foreach (char c in value.Text)
        {
            _ = c switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                '\b' => _text.Append("\\b"),
                '\f' => _text.Append("\\f"),
                _ when c < ' ' || (ensureAscii && c > '~') => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => _text.Append(c),
            };
        }

        _text.Append('"');
    }
}
