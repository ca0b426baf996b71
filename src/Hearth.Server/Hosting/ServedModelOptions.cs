using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;

namespace Hearth.Server.Hosting;

/// <summary>How a model is served.</summary>
public sealed record ServedModelOptions
{
    /// <summary>How it is loaded.</summary>
    public LanguageModelOptions Load { get; init; } = new();

    /// <summary>How tokens are chosen in requests that say nothing else.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>What conversations begin with.</summary>
    public PackagedConversation Conversation { get; init; } = PackagedConversation.None;

    /// <summary>Texts that end answers of requests that name none.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Tokens that answers of requests without a limit have at most; null for no limit.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens that it may reason for at most in chats that say nothing else; null for any number.</summary>
    public int? ReasoningBudget { get; init; }

    /// <summary>How long it stays loaded after its last request; null for the host's.</summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>Whether it is loaded when the server starts.</summary>
    public bool Preload { get; init; }
}
