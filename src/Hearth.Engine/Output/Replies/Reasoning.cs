namespace Hearth.Engine.Output.Replies;

/// <summary>The marks around reasoning.</summary>
/// <param name="Open">Before it.</param>
/// <param name="Close">After it.</param>
internal sealed record Reasoning(string Open, string Close)
{
    private static readonly Reasoning s_think = new("<think>", "</think>");

    // What a template says its model writes; the first that it mentions.
    private static readonly Reasoning[] s_known =
    [
        new("<|START_THINKING|>", "<|END_THINKING|>"),
        new("[THINK]", "[/THINK]"),
        new("<seed:think>", "</seed:think>"),
        new("<mm:think>", "</mm:think>"),
        new("<|channel>thought", "<channel|>") { Marks = ["<|channel>", "<channel|>"] },
        new("<thought>", "</thought>"),
        new("◁think▷", "◁/think▷"),
        s_think,
    ];

    /// <summary>What of it can be control tokens.</summary>
    internal IReadOnlyList<string> Marks { get; private init; } = [Open, Close];

    /// <summary>The marks that a template mentions, or that the vocabulary has as tokens; null for a model that does not reason.</summary>
    internal static Reasoning? Detect(string template, Func<string, bool> hasToken) =>
        Array.Find(s_known, marks => template.Contains(marks.Open, StringComparison.Ordinal) || template.Contains(marks.Close, StringComparison.Ordinal))
        ?? (hasToken(s_think.Open) && hasToken(s_think.Close) ? s_think : null);

    /// <summary>Whether a prompt ends within reasoning, because its template has opened it.</summary>
    internal bool IsOpenAtEndOf(string prompt) => prompt.AsSpan().TrimEnd().EndsWith(Open, StringComparison.Ordinal);

    /// <summary>Whether a prompt ends behind reasoning, because its template has closed it: there is to be none.</summary>
    internal bool IsClosedAtEndOf(string prompt) => prompt.AsSpan().TrimEnd().EndsWith(Close, StringComparison.Ordinal);
}
