using System.Text;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Runtime;

/// <summary>Builds a text and remembers which parts of it came from the template.</summary>
internal sealed class TextBuilder(Budget budget)
{
    private readonly StringBuilder _text = new();
    private readonly List<TrustRun> _runs = [];

    public int Length => _text.Length;

    public TextBuilder Append(StringValue value)
    {
        if (value.Runs is not { } runs)
        {
            return Append(value.Text, value.IsTrusted);
        }

        int start = 0;
        foreach (TrustRun run in runs)
        {
            Append(value.Text.AsSpan(start, run.End - start), run.IsTrusted);
            start = run.End;
        }

        return this;
    }

    public TextBuilder Append(ReadOnlySpan<char> text, bool isTrusted)
    {
        if (text.Length == 0)
        {
            return this;
        }

        budget.CheckLength((long)_text.Length + text.Length);
        budget.ChargeText(text.Length);
        _text.Append(text);
        if (_runs.Count > 0 && _runs[^1].IsTrusted == isTrusted)
        {
            _runs[^1] = new TrustRun(_text.Length, isTrusted);
        }
        else
        {
            _runs.Add(new TrustRun(_text.Length, isTrusted));
        }

        return this;
    }

    public StringValue ToValue() => _runs.Count switch
    {
        0 => StringValue.Empty,
        1 => _runs[0].IsTrusted ? StringValue.FromTemplate(_text.ToString()) : StringValue.FromInput(_text.ToString()),
        _ => new StringValue(_text.ToString(), [.. _runs]),
    };

    public IReadOnlyList<RenderedSegment> ToSegments()
    {
        var segments = new List<RenderedSegment>(_runs.Count);
        int start = 0;
        foreach (TrustRun run in _runs)
        {
            segments.Add(new RenderedSegment(_text.ToString(start, run.End - start), run.IsTrusted));
            start = run.End;
        }

        return segments;
    }

    public override string ToString() => _text.ToString();
}
