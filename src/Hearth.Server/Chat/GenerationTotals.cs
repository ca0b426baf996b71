using Hearth.Engine.Scheduling;

namespace Hearth.Server.Chat;

/// <summary>Tokens and times of all choices of a request. Choices run at the same time, so the longest time is that of all.</summary>
/// <param name="choices">Choices of each prompt.</param>
public sealed class GenerationTotals(int choices)
{
    private int _prompts;
    private int _read;

    /// <summary>Tokens of the prompts; each is counted once, whatever the number of its choices.</summary>
    public int PromptTokens => _prompts / choices;

    /// <summary>Those of them that were in the cache. What was read once for all choices was not.</summary>
    public int CachedTokens => Math.Max(0, PromptTokens - _read);

    /// <summary>Tokens made, by all choices.</summary>
    public int CompletionTokens { get; private set; }

    /// <summary>Those of them that were reasoning.</summary>
    public int ReasoningTokens { get; internal set; }

    /// <summary>Tokens that were guessed ahead.</summary>
    public int DraftTokens { get; private set; }

    /// <summary>Those of them that were right.</summary>
    public int AcceptedTokens { get; private set; }

    /// <summary>Reading the prompt.</summary>
    public TimeSpan PromptTime { get; private set; }

    /// <summary>Making the answers.</summary>
    public TimeSpan CompletionTime { get; private set; }

    /// <summary>Adds a choice that is done.</summary>
    internal void Add(GenerationFinished finished)
    {
        GenerationUsage usage = finished.Usage;
        _prompts += usage.PromptTokens;
        _read += usage.PromptTokens - usage.CachedTokens;
        CompletionTokens += usage.CompletionTokens;
        DraftTokens += usage.DraftTokens;
        AcceptedTokens += usage.AcceptedTokens;
        PromptTime = finished.Timings.Prompt > PromptTime ? finished.Timings.Prompt : PromptTime;
        CompletionTime = finished.Timings.Completion > CompletionTime ? finished.Timings.Completion : CompletionTime;
    }
}
