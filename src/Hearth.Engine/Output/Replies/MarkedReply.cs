namespace Hearth.Engine.Output.Replies;

/// <summary>
/// A reply in a <see cref="MarkedFormat"/> that is being read. Reasoning is only looked for in front of the answer's text: later, its mark is
/// text about it.
/// </summary>
internal sealed class MarkedReply
{
    // A reply of nothing but broken calls is not read over and over.
    private const int MaxBroken = 64;

    private readonly MarkedFormat _format;
    private readonly ReplyReader _reader;
    private readonly MarkedText _text;
    private readonly Reasoning? _reasoning;
    private readonly ToolSyntax? _tools;
    private readonly StopAutomaton _marks;
    private readonly bool _isStrict;
    private int _broken;

    internal MarkedReply(MarkedFormat format, ReplyReader reader)
    {
        _format = format;
        _reader = reader;
        _text = new MarkedText(reader);
        _reasoning = reader.Options.SeparateReasoning ? format.Reasoning : null;
        _tools = reader.Options.Tools.Count > 0 ? format.Tools : null;
        _isStrict = reader.Options.Tools.Any(tool => tool.IsStrict);
        _marks = new StopAutomaton([.. format.Wrappers, .. _reasoning is null ? [] : new[] { _reasoning.Open }, .. _tools is null ? [] : Openers(_tools)]);
    }

    internal IEnumerable<Step> Read()
    {
        if (_reasoning is not null && _reasoning.IsOpenAtEndOf(_reader.Options.PromptEnd))
        {
            foreach (Step step in ReadReasoning())
            {
                yield return step;
            }
        }

        while (true)
        {
            foreach (Step step in _text.Until(_marks, isReasoning: false, IsBareCall))
            {
                yield return step;
            }

            if (_text.Found is null)
            {
                yield break;
            }

            foreach (Step step in ReadMarked(_text.Found))
            {
                yield return step;
            }
        }
    }

    private IEnumerable<Step> ReadMarked(string mark)
    {
        if (mark == _reasoning?.Open)
        {
            return _text.HasContent ? [] : ReadReasoning();
        }

        if (_format.Wrappers.Contains(mark))
        {
            _text.SkipTo(_text.Position);
            return [];
        }

        return _broken < MaxBroken ? ReadCalls(mark) : [];
    }

    private IEnumerable<Step> ReadReasoning()
    {
        StopAutomaton marks = new([_reasoning!.Close, _reasoning.Open]);
        _text.SkipTo(_text.Position);
        _reader.IsReasoning = true;
        do
        {
            foreach (Step step in _text.Until(marks, isReasoning: true))
            {
                yield return step;
            }

            // The template has opened it, and the model does it once more.
            if (_text.Found == _reasoning.Open && _text.IsAfterMark)
            {
                _text.SkipTo(_text.Position);
            }
        }
        while (_text.Found == _reasoning.Open);

        _reader.IsReasoning = false;
        _text.SkipTo(_text.Position);
    }

    private IEnumerable<Step> ReadCalls(string opener)
    {
        CallReader calls = new(_reader, _text.Position, _tools!.RequiresKnownTool(opener));
        using IEnumerator<Step> steps = _tools.Read(calls, opener).GetEnumerator();
        while (steps.MoveNext())
        {
            if (steps.Current == Step.Broken || _reader.Input.IsAtEnd)
            {
                BreakOff(calls, opener);
                yield break;
            }

            yield return Step.NeedsText;
        }

        if (calls.Count == 0)
        {
            BreakOff(calls, opener);
        }
        else
        {
            _text.SkipTo(calls.Position);
        }
    }

    // What was read of a call is text after all, from its opening mark on; what follows the mark is looked at again.
    private void BreakOff(CallReader calls, string opener)
    {
        _broken++;
        calls.BreakOff();
        if (calls.Count > 0)
        {
            _text.SkipTo(calls.End);
        }
        else
        {
            _text.KeepTo(_text.FoundAt + Math.Max(opener.Length, 1));
        }
    }

    // Of a strict tool, a call is what is held to its schema: what certainly begins one.
    private IEnumerable<string> Openers(ToolSyntax tools) =>
        tools.Openers.Where(opener => !_isStrict || tools.Triggers.Any(trigger => trigger.StartsWith(opener, StringComparison.Ordinal)));

    private bool IsBareCall(char character) => _tools is not null && _broken < MaxBroken && (!_isStrict || _tools.BareBeginning == character)
        && _tools.IsBare(character, _text.HasContent);
}
