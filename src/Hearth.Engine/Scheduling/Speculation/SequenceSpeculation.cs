using Hearth.Engine.Cache;

namespace Hearth.Engine.Scheduling.Speculation;

/// <summary>What guessing ahead remembers about one sequence.</summary>
internal sealed class SequenceSpeculation
{
    /// <summary>The runs of tokens so far.</summary>
    public NgramIndex Ngrams { get; } = new();

    /// <summary>How often lookups were right.</summary>
    public GuessQuality Lookup { get; } = new();

    /// <summary>How often the draft model was right.</summary>
    public GuessQuality DraftModel { get; } = new();

    /// <summary>Who made the guesses of this step, or null.</summary>
    public GuessQuality? Guesser { get; set; }

    /// <summary>The token that a lookup said would come, guessed with or not; null for none.</summary>
    public int? Expected { get; set; }

    /// <summary>The draft model's cache, or null.</summary>
    public Sequence? DraftCache { get; set; }

    /// <summary>Steps since the draft model guessed last.</summary>
    public int StepsWithoutDraft { get; set; }
}
