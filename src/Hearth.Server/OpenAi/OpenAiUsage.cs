using Hearth.Server.Chat;

namespace Hearth.Server.OpenAi;

/// <summary>Counts and times in the shapes of OpenAI and llama-server.</summary>
internal static class OpenAiUsage
{
    /// <summary>OpenAI's counts.</summary>
    public static UsageBody Of(GenerationTotals totals) => new(totals.PromptTokens, totals.CompletionTokens)
    {
        PromptTokensDetails = new PromptTokensDetails(totals.CachedTokens),
        CompletionTokensDetails = new CompletionTokensDetails(totals.ReasoningTokens, totals.AcceptedTokens, totals.DraftTokens - totals.AcceptedTokens),
    };

    /// <summary>llama-server's times and counts.</summary>
    public static TimingsBody TimingsOf(GenerationTotals totals) => new(
        totals.CachedTokens, totals.PromptTokens - totals.CachedTokens, totals.PromptTime.TotalMilliseconds, totals.CompletionTokens, totals.CompletionTime.TotalMilliseconds)
    {
        DraftN = totals.DraftTokens > 0 ? totals.DraftTokens : null,
        DraftNAccepted = totals.DraftTokens > 0 ? totals.AcceptedTokens : null,
    };
}
