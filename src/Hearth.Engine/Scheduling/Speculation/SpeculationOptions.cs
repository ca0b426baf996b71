namespace Hearth.Engine.Scheduling.Speculation;

/// <summary>How tokens are guessed ahead. Guesses are verified: the text is the same with any of these.</summary>
public sealed record SpeculationOptions
{
    /// <summary>Whether repetitions of the text so far are guessed from (prompt lookup); off by itself where it does not pay.</summary>
    public bool PromptLookup { get; init; } = true;

    /// <summary>A smaller model with the same vocabulary that guesses; null for none.</summary>
    public string? DraftPath { get; init; }

    /// <summary>Tokens guessed ahead at most.</summary>
    public int MaxTokens { get; init; } = 8;

    /// <summary>The cost of a step of so many tokens; null for what is measured.</summary>
    internal Func<int, double>? StepCost { get; init; }
}
