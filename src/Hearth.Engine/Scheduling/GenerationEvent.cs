namespace Hearth.Engine.Scheduling;

/// <summary>Something that happened while a request ran.</summary>
public abstract record GenerationEvent;

/// <summary>Part of the prompt has been read.</summary>
/// <param name="Processed">Prompt tokens read so far.</param>
/// <param name="Total">Prompt tokens in all.</param>
public sealed record PromptProgress(int Processed, int Total) : GenerationEvent;

/// <summary>Log-probabilities of more tokens of the prompt, in order: from the second token on.</summary>
/// <param name="Tokens">One entry per token.</param>
public sealed record PromptScored(IReadOnlyList<TokenProbability> Tokens) : GenerationEvent;

/// <summary>More of the answer.</summary>
/// <param name="Text">Whole characters, which cannot be part of a stop string any more.</param>
/// <param name="LogProbabilities">One entry per token behind the text; empty unless asked for.</param>
public sealed record TextDelta(string Text, IReadOnlyList<TokenProbability> LogProbabilities) : GenerationEvent
{
    /// <summary>Tokens behind the text: those made since the last delta.</summary>
    public int Tokens { get; init; }
}

/// <summary>The answer is complete.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="StopText">The stop string that ended it, if one did.</param>
/// <param name="Usage">Tokens read and made.</param>
/// <param name="Timings">How long they took.</param>
public sealed record GenerationFinished(FinishReason Reason, string? StopText, GenerationUsage Usage, GenerationTimings Timings) : GenerationEvent;

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended it, or a stop string did.</summary>
    Stop,

    /// <summary>The token limit or the end of the context was reached.</summary>
    Length,
}

/// <summary>Tokens of one request.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens made, the one that ended the answer included.</param>
/// <param name="CachedTokens">Tokens of the prompt whose keys and values were in the cache.</param>
/// <param name="DraftTokens">Tokens that were guessed ahead.</param>
/// <param name="AcceptedTokens">Those of them that were right.</param>
public readonly record struct GenerationUsage(int PromptTokens, int CompletionTokens, int CachedTokens = 0, int DraftTokens = 0, int AcceptedTokens = 0);

/// <summary>Durations of one request.</summary>
/// <param name="Prompt">Reading the prompt.</param>
/// <param name="Completion">Making the answer, from the end of the prompt on.</param>
/// <param name="Waiting">Waiting for a turn before that.</param>
public readonly record struct GenerationTimings(TimeSpan Prompt, TimeSpan Completion, TimeSpan Waiting = default);

/// <summary>A token's log-probability, and those of the likeliest alternatives.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="Bytes">The token's bytes, which may be part of a character.</param>
/// <param name="LogProbability">
/// Natural logarithm of its probability: the model's own, before any sampling option, or with
/// <see cref="GenerationRequest.ProbabilitiesAfterSampling"/> the one that it was drawn with.
/// </param>
/// <param name="Top">The likeliest tokens, best first.</param>
public sealed record TokenProbability(int Token, ReadOnlyMemory<byte> Bytes, float LogProbability, IReadOnlyList<TokenProbability> Top)
{
    /// <summary>
    /// The token's place in the model's own distribution, before any sampling option and whatever a constraint allows: 0 for the token that
    /// greedy decoding would have chosen. Of tokens of an answer; 0 in <see cref="Top"/>.
    /// </summary>
    public int Rank { get; init; }
}
