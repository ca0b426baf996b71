using System.Threading.Channels;
using Hearth.Engine.Output;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>Turns the tokens of one answer into text, stopping where it must, and writes the request's events.</summary>
internal sealed class GenerationOutput(GenerationRequest request, Tokenizer tokenizer, ChannelWriter<GenerationEvent> events)
{
    private readonly IncrementalDecoder _decoder = new(tokenizer, request.ShowSpecialTokens);
    private readonly StopMatcher _stop = new(request.Stop);
    private readonly HashSet<int> _preserved = [.. request.PreservedTokens.Select(tokenizer.FindToken).OfType<int>()];
    private readonly List<TokenProbability> _pending = [];
    private int _pendingTokens;
    private FinishReason _reason = FinishReason.Length;

    public int CompletionTokens { get; private set; }

    /// <summary>Takes the next token.</summary>
    /// <returns>True when the model or a stop string has ended the answer.</returns>
    public bool Add(int token, TokenProbability? logProbability)
    {
        CompletionTokens++;
        if (tokenizer.Special.EndOfGeneration.Contains(token))
        {
            _reason = FinishReason.Stop;
            return true;
        }

        _pendingTokens++;
        if (logProbability is not null)
        {
            _pending.Add(logProbability);
        }

        Emit(_stop.Append(_decoder.Append(token, request.ShowSpecialTokens || request.ShownTokens.Contains(token) || _preserved.Contains(token))));
        if (_stop.Matched is null)
        {
            return false;
        }

        _reason = FinishReason.Stop;
        return true;
    }

    /// <summary>Notes that the answer is complete, since nothing may follow.</summary>
    public void Complete() => _reason = FinishReason.Stop;

    /// <summary>Writes what was held back, and the end.</summary>
    public void Finish(GenerationUsage usage, GenerationTimings timings)
    {
        if (_stop.Matched is null)
        {
            Emit(_stop.Append(_decoder.Flush()) + (_stop.Matched is null ? _stop.Flush() : string.Empty));
        }

        events.TryWrite(new GenerationFinished(_reason, _stop.Matched, usage, timings));
    }

    private void Emit(string text)
    {
        if (text.Length > 0)
        {
            events.TryWrite(new TextDelta(text, _pending.Count == 0 ? [] : [.. _pending]) { Tokens = _pendingTokens });
            _pending.Clear();
            _pendingTokens = 0;
        }
    }
}
