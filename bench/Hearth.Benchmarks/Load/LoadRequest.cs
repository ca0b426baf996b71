namespace Hearth.Benchmarks.Load;

/// <summary>A request, still without a server.</summary>
/// <param name="Shared">The start that all requests of a run share: token ids, or numbers of words.</param>
/// <param name="Prompt">What follows it, of this request alone.</param>
/// <param name="AnswerTokens">Tokens of the answer.</param>
/// <param name="HangUp">When the client goes away, if it does.</param>
internal sealed record LoadRequest(IReadOnlyList<int> Shared, IReadOnlyList<int> Prompt, int AnswerTokens, HangUp? HangUp = null);
