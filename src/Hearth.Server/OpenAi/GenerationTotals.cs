using Hearth.Engine.Scheduling;

namespace Hearth.Server.OpenAi;

/// <summary>Tokens and times of all choices of a request.</summary>
/// <param name="choices">Choices of each prompt.</param>
internal sealed class GenerationTotals(int choices)
{
    private int _prompts;
    private int _made;
    private int _drafted;
    private int _accepted;
    private int _read;
    private TimeSpan _prompt;
    private TimeSpan _completion;

    /// <summary>Adds a choice that is done. Choices run at the same time, so the longest time is that of all.</summary>
    public void Add(GenerationFinished finished)
    {
        GenerationUsage usage = finished.Usage;
        _prompts += usage.PromptTokens;
        _made += usage.CompletionTokens;
        _drafted += usage.DraftTokens;
        _accepted += usage.AcceptedTokens;
        _read += usage.PromptTokens - usage.CachedTokens;
        _prompt = finished.Timings.Prompt > _prompt ? finished.Timings.Prompt : _prompt;
        _completion = finished.Timings.Completion > _completion ? finished.Timings.Completion : _completion;
    }

    /// <summary>OpenAI's counts.</summary>
    public UsageBody Usage() => new(PromptTokens, _made)
    {
        PromptTokensDetails = new PromptTokensDetails(Cached),
        CompletionTokensDetails = new CompletionTokensDetails(_accepted, _drafted - _accepted),
    };

    /// <summary>llama-server's times and counts.</summary>
    public TimingsBody Timings() => new(Cached, PromptTokens - Cached, _prompt.TotalMilliseconds, _made, _completion.TotalMilliseconds)
    {
        DraftN = _drafted > 0 ? _drafted : null,
        DraftNAccepted = _drafted > 0 ? _accepted : null,
    };

    // Each prompt is counted once, whatever the number of its choices.
    private int PromptTokens => _prompts / choices;

    // Choices find each other's prompt in the cache; what was read once for all of them was not cached before.
    private int Cached => Math.Max(0, PromptTokens - _read);
}
