using Hearth.Engine.Sampling;
using Hearth.Server.Chat;

namespace Hearth.Cli.Chat;

/// <summary>What a user can set for an answer, on the command line or in a chat.</summary>
internal sealed record ChatSettings
{
    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Instructions for the model, or null.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>What the conversation begins with because the model is packaged so.</summary>
    public PackagedConversation Package { get; init; } = PackagedConversation.None;

    /// <summary>Tokens to make at most, or null.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens that the model may reason for before it answers, or null.</summary>
    public int? ReasoningBudget { get; init; }

    /// <summary>Texts that end an answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Whether text is fed as it is, without a template.</summary>
    public bool Raw { get; init; }

    /// <summary>Whether times and rates are printed.</summary>
    public bool Verbose { get; init; }
}
