using System.Globalization;
using System.Text;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Values;

/// <summary>Go's <c>json.Marshal</c>: no white space, and what is special in HTML is escaped.</summary>
internal sealed class GoJson
{
    private readonly Budget _budget;
    private readonly StringBuilder _text = new();
    private bool _isTrusted = true;

    private GoJson(Budget budget) => _budget = budget;

    /// <summary>The JSON text of a value; the template's only if all strings in it are.</summary>
    public static StringValue Write(Budget budget, GoValue value)
    {
        var writer = new GoJson(budget);
        writer.WriteValue(value);
        budget.CheckLength(writer._text.Length);
        return StringValue.From(writer._text.ToString(), writer._isTrusted);
    }

    private void WriteValue(GoValue value)
    {
        _budget.Enter();
        _budget.Charge();
        _budget.CheckLength(_text.Length);
        switch (value)
        {
            case GoString text:
                WriteString(text.Value);
                break;
            case GoBool boolean:
                _text.Append(boolean.IsTrue ? "true" : "false");
                break;
            case GoInt integer:
                _text.Append(integer.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case GoFloat real:
                _text.Append(GoNumber.Json(real.Number));
                break;
            case GoList { Style: GoStyle.SchemaType, Items: [GoValue only] }:
                WriteValue(only);
                break;
            case GoContainer { IsNil: true } or GoNil:
                _text.Append("null");
                break;
            case GoList list:
                WriteMembers('[', list.Items, WriteValue, ']');
                break;
            case GoMap map:
                _isTrusted &= map.Entries.Count == 0;
                WriteMembers('{', map.Entries, entry => WriteMember(StringValue.FromInput(entry.Key), entry.Value), '}');
                break;
            case GoStruct record:
                WriteMembers(
                    '{',
                    record.Fields.Where(field => !IsOmitted(field)),
                    field => WriteMember(StringValue.FromTemplate(field.JsonName), field.Value),
                    '}');
                break;
        }

        _budget.Leave();
    }

    private static bool IsOmitted(GoField field) => field.Omission switch
    {
        GoOmission.Nil => field.Value is GoNil or GoContainer { IsNil: true },
        GoOmission.Empty => !field.Value.IsTrue,
        _ => false,
    };

    private void WriteMembers<T>(char open, IEnumerable<T> members, Action<T> write, char close)
    {
        _text.Append(open);
        bool isFirst = true;
        foreach (T member in members)
        {
            if (!isFirst)
            {
                _text.Append(',');
            }

            isFirst = false;
            write(member);
        }

        _text.Append(close);
    }

    private void WriteMember(StringValue name, GoValue value)
    {
        WriteString(name);
        _text.Append(':');
        WriteValue(value);
    }

    private void WriteString(StringValue value)
    {
        _budget.ChargeText(value.Text.Length);
        _isTrusted &= value.IsTrusted;
        _text.Append('"');
        for (int i = 0; i < value.Text.Length;)
        {
            bool isRune = Rune.TryGetRuneAt(value.Text, i, out Rune rune);
            i += isRune ? rune.Utf16SequenceLength : 1;
            _ = rune.Value switch
            {
                _ when !isRune => _text.Append("\\ufffd"),
                '"' => _text.Append("\\\""),
                '\\' => _text.Append("\\\\"),
                '\b' => _text.Append("\\b"),
                '\f' => _text.Append("\\f"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => _text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => _text.Append(rune.ToString()),
            };
        }

        _text.Append('"');
    }
}
