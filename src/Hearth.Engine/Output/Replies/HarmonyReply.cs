namespace Hearth.Engine.Output.Replies;

/// <summary>A reply in the <see cref="HarmonyFormat"/> that is being read.</summary>
internal sealed class HarmonyReply(ReplyReader reader)
{
    private static readonly StopAutomaton s_ends =
        new([HarmonyFormat.End, HarmonyFormat.Call, HarmonyFormat.Return, HarmonyFormat.Start, HarmonyFormat.Channel]);

    private readonly MarkedText _text = new(reader);

    internal IEnumerable<Step> Read()
    {
        do
        {
            HarmonyHeader header = new(reader.Input, _text.Position);
            foreach (Step step in header.Read())
            {
                yield return step;
            }

            bool isCall = IsCall(header);
            bool isReasoning = header.Channel == "analysis" && !isCall;
            bool staysText = isReasoning && !reader.Options.SeparateReasoning;
            Begin(header, staysText);
            foreach (Step step in isCall ? ReadCall(header.Function!) : [])
            {
                yield return step;
            }

            reader.IsReasoning = isReasoning && !staysText;
            foreach (Step step in _text.Until(s_ends, reader.IsReasoning))
            {
                yield return step;
            }

            reader.IsReasoning = false;
            if (_text.Found is HarmonyFormat.Start or HarmonyFormat.Channel)
            {
                _text.SkipTo(_text.FoundAt);
            }
            else if (staysText)
            {
                _text.KeepTo(_text.Position);
            }
            else
            {
                _text.SkipTo(_text.Position);
            }
        }
        while (_text.Found is not null);
    }

    private void Begin(HarmonyHeader header, bool staysText)
    {
        if (!header.IsThere)
        {
            // Text without a header is part of the answer, and so is a mark that begins none.
            _text.KeepTo(Math.Min(_text.Position + 1, reader.Input.Length));
        }
        else if (staysText)
        {
            _text.KeepTo(header.Position);
        }
        else
        {
            _text.SkipTo(header.Position);
        }
    }

    private bool IsCall(HarmonyHeader header) =>
        header.Function is string function && reader.Options.Tools.Count > 0 && (header.IsFunction || reader.IsTool(function));

    // What is no call is text.
    private IEnumerable<Step> ReadCall(string name)
    {
        CallReader call = new(reader, _text.Position, requiresKnownTool: false);
        using IEnumerator<Step> steps = call.Arguments(name).GetEnumerator();
        bool isBroken = false;
        while (!isBroken && steps.MoveNext())
        {
            isBroken = steps.Current == Step.Broken || reader.Input.IsAtEnd;
            if (!isBroken)
            {
                yield return Step.NeedsText;
            }
        }

        call.BreakOff();
        if (call.Count > 0)
        {
            _text.SkipTo(call.End);
        }
    }
}
