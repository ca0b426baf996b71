using Hearth.Engine.Output.Replies;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// Counts the tokens of an answer's reasoning, and says which must follow when there are as many as there may be. It depends on the answer's tokens
/// alone. For one thread at a time.
/// </summary>
internal sealed class ReasoningLimit
{
    private readonly ReasoningBudget _budget;
    private readonly Tokenizer _tokenizer;
    private readonly IncrementalDecoder _decoder;
    private readonly ReplyParser _parser;
    private string _tail = string.Empty;
    private List<int> _end = [];
    private int _next;
    private int _used;
    private bool _hasEnded;

    /// <param name="budget">The budget.</param>
    /// <param name="tokenizer">The vocabulary.</param>
    public ReasoningLimit(ReasoningBudget budget, Tokenizer tokenizer)
    {
        _budget = budget;
        _tokenizer = tokenizer;
        _decoder = new IncrementalDecoder(tokenizer);
        _parser = budget.Format.CreateParser(budget.Reply with { SeparateReasoning = true });
        EndWhereUsedUp();
    }

    /// <summary>The token that must follow; null when the model may choose.</summary>
    public int? Forced => _next < _end.Count ? _end[_next] : null;

    /// <summary>Takes the next token of the answer.</summary>
    public void Accept(int token)
    {
        bool wasReasoning = _parser.IsReasoning;
        bool wasForced = Forced is not null;
        string text = _decoder.Append(token, _budget.Marks.Contains(token));
        _parser.Append(text);
        string tail = _tail + text;
        _tail = tail[Math.Max(0, tail.Length - ReplyFormat.LongestReasoningEnd)..];
        _next += wasForced ? 1 : 0;
        _used += wasReasoning && _parser.IsReasoning && !wasForced ? 1 : 0;
        EndWhereUsedUp();
    }

    private void EndWhereUsedUp()
    {
        if (Forced is null && _parser.IsReasoning && _used >= _budget.Tokens && _budget.Format.ReasoningEnd(_budget.Reply, again: _hasEnded) is string end)
        {
            _end = Encode(end);
            _next = 0;
            _hasEnded = true;
        }
    }

    private List<int> Encode(string end)
    {
        List<int> tokens = _tokenizer.Encode(end, addSpecial: false, parseSpecial: true);
        if (tokens.Exists(token => (_tokenizer.AttributesOf(token) & (TokenAttributes.Control | TokenAttributes.UserDefined)) != 0))
        {
            return tokens;
        }

        // A mark of ordinary text may have been begun.
        int written = Enumerable.Range(0, end.Length).Last(length => _tail.EndsWith(end[..length], StringComparison.Ordinal));
        return _tokenizer.EncodeContinuation(end[written..]);
    }
}
