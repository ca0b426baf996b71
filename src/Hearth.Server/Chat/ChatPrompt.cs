using System.Collections.Frozen;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;

namespace Hearth.Server.Chat;

/// <summary>A conversation as a model reads it, and how its reply is to be read.</summary>
public sealed class ChatPrompt
{
    internal ChatPrompt(IReadOnlyList<int> tokens, string text, ReplyFormat format, ReplyOptions reply, IReadOnlySet<int> shownTokens, Func<int, bool> isShown, bool parallelToolCalls)
    {
        Tokens = tokens;
        Text = text;
        Format = format;
        Reply = reply;
        ShownTokens = shownTokens;
        IsShown = isShown;
        ParallelToolCalls = parallelToolCalls;
    }

    /// <summary>Token ids.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>The rendered text, without the token that the vocabulary puts in front.</summary>
    public string Text { get; }

    /// <summary>How the model marks reasoning and calls.</summary>
    public ReplyFormat Format { get; }

    /// <summary>How the reply is read.</summary>
    internal ReplyOptions Reply { get; }

    /// <summary>The control tokens that mark parts of the reply.</summary>
    internal IReadOnlySet<int> ShownTokens { get; }

    /// <summary>Whether a token is part of the reply's text.</summary>
    internal Func<int, bool> IsShown { get; }

    internal bool ParallelToolCalls { get; }

    /// <summary>How long the model may reason before its reply; null for as long as it likes.</summary>
    public ReasoningBudget? ReasoningBudget { get; internal init; }

    /// <summary>The same prompt, where the reply is not read but is text as it comes.</summary>
    internal ChatPrompt AsText() => new(
        Tokens, Text, ReplyFormat.Detect(string.Empty, _ => false), new ReplyOptions { SeparateReasoning = false }, FrozenSet<int>.Empty, IsShown, ParallelToolCalls);

    /// <summary>The same prompt with the beginning of the reply, the rest of which is text as it comes.</summary>
    internal ChatPrompt Before(IEnumerable<int> tokens)
    {
        ChatPrompt text = AsText();
        return new ChatPrompt([.. Tokens, .. tokens], Text, text.Format, text.Reply, text.ShownTokens, IsShown, ParallelToolCalls);
    }

    /// <summary>The same prompt after others' tokens, which begin with what a text begins with.</summary>
    internal ChatPrompt After(IReadOnlyList<int> tokens, SpecialTokens special)
    {
        int skipped = tokens.Count > 0 && special.AddBos && Tokens is [int first, ..] && first == special.Bos ? 1 : 0;
        return new ChatPrompt([.. tokens, .. Tokens.Skip(skipped)], Text, Format, Reply, ShownTokens, IsShown, ParallelToolCalls) { ReasoningBudget = ReasoningBudget };
    }
}
