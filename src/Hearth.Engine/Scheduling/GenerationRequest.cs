using System.Collections.Frozen;
using Hearth.Engine.Grammar;
using Hearth.Engine.Sampling;

namespace Hearth.Engine.Scheduling;

/// <summary>A prompt to continue, and how.</summary>
public sealed record GenerationRequest
{
    /// <summary>Token ids of the prompt; at least one.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>Tokens to make at most; null for as many as the context holds, 0 to read the prompt only.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>
    /// What the text of the answer must be; null for any text. Tokens are chosen from those that it allows, and the answer ends where it is
    /// complete; log-probabilities are still those of the model's own distribution. An answer that ends with <see cref="FinishReason.Length"/>, or
    /// with a stop string, is the beginning of such a text.
    /// </summary>
    public GenerationConstraint? Constraint { get; init; }

    /// <summary>What the model may write before the text that <see cref="Constraint"/> is about; null for nothing.</summary>
    public ConstraintPreamble? Preamble { get; init; }

    /// <summary>How long the model may reason before it answers; null for as long as it likes.</summary>
    public ReasoningBudget? ReasoningBudget { get; init; }

    /// <summary>Texts that end the answer; they are not part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Alternatives to report with each token's log-probability; null for no log-probabilities at all.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>
    /// Alternatives to report with the log-probability of each token of the prompt but the first, which nothing comes before; null for no
    /// log-probabilities of the prompt. Such a prompt is read in whole, whatever others have read of it.
    /// </summary>
    public int? PromptLogProbabilities { get; init; }

    /// <summary>
    /// Whether others go first: the request begins when nobody else waits, gives its place up to whoever comes, and reads its prompt with what
    /// others leave of a step. Its answer is the same.
    /// </summary>
    public bool IsBackground { get; init; }

    /// <summary>
    /// Reports the probabilities that tokens were drawn with, after all sampling options and under the constraint, instead of the model's own.
    /// A token that had to follow has probability 1.
    /// </summary>
    public bool ProbabilitiesAfterSampling { get; init; }

    /// <summary>
    /// The scales of the model's adapters for this request, by their numbers, those left out being 0; null for the scales that they were
    /// loaded with.
    /// </summary>
    public IReadOnlyDictionary<int, float>? AdapterScales { get; init; }

    /// <summary>Writes control tokens as text instead of hiding them.</summary>
    public bool ShowSpecialTokens { get; init; }

    /// <summary>Control tokens to write as text while the others are hidden: those that mark the parts of a reply.</summary>
    public IReadOnlySet<int> ShownTokens { get; init; } = FrozenSet<int>.Empty;

    /// <summary>Texts of control tokens that are text in the answer like any other; those that are none have no effect.</summary>
    public IReadOnlyList<string> PreservedTokens { get; init; } = [];

    /// <summary>Time for the whole request, waiting included; null for any.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>
    /// Cuts a prompt that does not fit the context, instead of refusing it: the tokens after the first <see cref="KeepTokens"/> go, oldest
    /// first, until there is room for the answer (<see cref="MaxTokens"/>, else a quarter of the context).
    /// </summary>
    public bool Truncate { get; init; }

    /// <summary>
    /// Goes on when the context is full: of the tokens after the first <see cref="KeepTokens"/>, the older half is dropped and the rest read
    /// again.
    /// </summary>
    public bool ContextShift { get; init; }

    /// <summary>Tokens at the beginning that <see cref="Truncate"/> and <see cref="ContextShift"/> keep.</summary>
    public int KeepTokens { get; init; }
}
