using System.Globalization;
using System.Text;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Values;

/// <summary>Go's <c>%v</c> and <c>%s</c>. A text made from a container is the template's only if all strings in it are.</summary>
internal sealed class GoPrinter
{
    private readonly Budget _budget;
    private readonly StringBuilder _text = new();
    private readonly bool _isText;
    private bool _isTrusted = true;

    private GoPrinter(Budget budget, bool isText)
    {
        _budget = budget;
        _isText = isText;
    }

    /// <summary>The text of a value.</summary>
    /// <param name="budget">What it may cost.</param>
    /// <param name="value">The value.</param>
    /// <param name="isText">Whether members that are no texts are marked as wrong, as <c>%s</c> does.</param>
    public static StringValue Print(Budget budget, GoValue value, bool isText = false)
    {
        if (value is GoString text)
        {
            return text.Value;
        }

        if (value is GoContainer { Style: GoStyle.Json })
        {
            return GoJson.Write(budget, value is GoMap { IsNil: true } ? new GoMap([]) : value);
        }

        var printer = new GoPrinter(budget, isText);
        printer.Write(value);
        budget.CheckLength(printer._text.Length);
        return StringValue.From(printer._text.ToString(), printer._isTrusted);
    }

    private void Write(GoValue value)
    {
        _budget.Enter();
        _budget.Charge();
        _budget.CheckLength(_text.Length);
        switch (value)
        {
            case GoNil:
                _text.Append("<nil>");
                break;
            case GoBool or GoInt or GoFloat when _isText:
                _text.Append("%!s(").Append(value.TypeName).Append('=').Append(Print(_budget, value).Text).Append(')');
                break;
            case GoBool boolean:
                _text.Append(boolean.IsTrue ? "true" : "false");
                break;
            case GoInt integer:
                _text.Append(integer.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case GoFloat real:
                _text.Append(GoNumber.Shortest(real.Number));
                break;
            case GoString or GoContainer { Style: GoStyle.Json }:
                Append(Print(_budget, value));
                break;
            case GoList { Style: GoStyle.SchemaType, Items.Count: < 2 } list:
                list.Items.ToList().ForEach(Write);
                break;
            case GoList list:
                WriteItems("[", list.Items, "]");
                break;
            case GoMap map:
                WriteEntries(map);
                break;
            case GoStruct record:
                WriteItems("{", record.Fields.Select(field => field.Value), "}");
                break;
        }

        _budget.Leave();
    }

    private void WriteItems(string open, IEnumerable<GoValue> items, string close)
    {
        string separator = string.Empty;
        _text.Append(open);
        foreach (GoValue item in items)
        {
            _text.Append(separator);
            Write(item);
            separator = " ";
        }

        _text.Append(close);
    }

    private void WriteEntries(GoMap map)
    {
        string separator = string.Empty;
        _text.Append("map[");
        foreach ((string key, GoValue value) in map.Entries)
        {
            _text.Append(separator);
            Append(StringValue.FromInput(key));
            _text.Append(':');
            Write(value);
            separator = " ";
        }

        _text.Append(']');
    }

    private void Append(StringValue text)
    {
        _budget.ChargeText(text.Text.Length);
        _isTrusted &= text.IsTrusted;
        _text.Append(text.Text);
    }
}
