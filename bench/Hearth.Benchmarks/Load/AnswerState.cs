namespace Hearth.Benchmarks.Load;

/// <summary>Puts the events of an answer into its result.</summary>
internal sealed class AnswerState(RequestResult result, HangUp? hangUp, Action<int>? textReceived)
{
    private bool _finished;

    /// <summary>Whether nothing more is wanted: the answer's end came, an error did, or the client hangs up.</summary>
    public bool IsOver { get; private set; }

    /// <exception cref="BrokenEventException">The event is none of a completion.</exception>
    public void Take(ReadOnlySpan<byte> data, long timestamp)
    {
        CompletionEvent item = CompletionEvent.Parse(data);
        if (item.Error is string error)
        {
            result.Failure = new Failure(FailureKind.ErrorEvent, error);
            IsOver = true;
            return;
        }

        result.PromptTokens = item.PromptTokens ?? result.PromptTokens;
        result.AnswerTokens = item.AnswerTokens ?? result.AnswerTokens;
        result.CachedTokens = item.CachedTokens ?? result.CachedTokens;
        _finished |= item.HasFinishReason || item.IsDone;
        IsOver = item.IsDone;
        if (item.HasText)
        {
            // Who goes away before the first token and meets it on the way out goes then.
            result.HungUp = hangUp is { } plan && result.Texts.Count + 1 >= (plan.AfterTexts ?? 1);
            IsOver |= result.HungUp;
            result.Texts.Add(timestamp);
            textReceived?.Invoke(result.Texts.Count);
        }
    }

    /// <summary>The stream ended, or nothing more of it is read.</summary>
    public void End(long timestamp)
    {
        result.Ended = timestamp;
        if (!_finished && !result.HungUp)
        {
            result.Failure ??= new Failure(FailureKind.EndedEarly, $"after {result.Texts.Count} events with text");
        }
    }
}
