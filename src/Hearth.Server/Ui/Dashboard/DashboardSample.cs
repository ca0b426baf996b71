namespace Hearth.Server.Ui.Dashboard;

/// <summary>What the server did in a second, and where it was at its end.</summary>
/// <param name="Running">Requests that ran.</param>
/// <param name="Waiting">Requests that waited.</param>
/// <param name="PromptTokens">Tokens of prompts that were read in a second.</param>
/// <param name="CachedTokens">Those of them that were in the cache.</param>
/// <param name="CompletionTokens">Tokens that were made in a second.</param>
/// <param name="ModelBytes">Bytes that loaded models need.</param>
/// <param name="ProcessBytes">Bytes that the program has.</param>
/// <param name="Requests">Requests that came.</param>
internal readonly record struct DashboardSample(
    int Running, int Waiting, double PromptTokens, double CachedTokens, double CompletionTokens, long ModelBytes, long ProcessBytes, long Requests);
