using System.Collections.Frozen;
using Hearth.Engine.Grammar;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Server.Errors;

namespace Hearth.Server.Chat;

/// <summary>A conversation as a model reads it, and how its reply is to be read.</summary>
public sealed class ChatPrompt
{
    internal ChatPrompt(IReadOnlyList<int> tokens, string text, ReplyFormat format, ReplyOptions reply, IReadOnlySet<int> shownTokens, Func<int, bool> isShown)
    {
        Tokens = tokens;
        Text = text;
        Format = format;
        Reply = reply;
        ShownTokens = shownTokens;
        IsShown = isShown;
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

    /// <summary>Whether the reply must be calls, and which.</summary>
    internal CallRules Rules { get; init; } = new();

    /// <summary>What a mark of the format is in the model's vocabulary.</summary>
    internal Func<string, MarkKind> KindOf { get; init; } = _ => MarkKind.Text;

    /// <summary>Whether the model may call tools.</summary>
    internal bool HasTools => Reply.Tools.Count > 0;

    /// <summary>What the reply must be, so that its calls are valid; null for a conversation without tools, or where nothing is promised.</summary>
    /// <param name="text">What a text must be; null for any.</param>
    /// <exception cref="ToolSchemaException">The schema of a strict tool asks for what is not supported.</exception>
    /// <exception cref="ApiException">The tools cannot be put into a grammar.</exception>
    internal GenerationConstraint? ConstraintFor(GenerationConstraint? text)
    {
        try
        {
            return HasTools ? ConstraintCache.Shared.Calls(Format, Reply, Rules with { Text = Rules.MustCall ? null : text }, KindOf) : null;
        }
        catch (GrammarException exception)
        {
            throw ApiException.Invalid($"The tools cannot be called in the model's format: {exception.Message}", "tools", "invalid_json_schema");
        }
    }

    /// <summary>The same prompt, where more tokens are part of the reply's text.</summary>
    internal ChatPrompt Showing(IEnumerable<int?> tokens)
    {
        HashSet<int> more = [.. tokens.OfType<int>()];
        return more.Count == 0 ? this : new(Tokens, Text, Format, Reply, ShownTokens, token => more.Contains(token) || IsShown(token)) { Rules = Rules, KindOf = KindOf, ReasoningBudget = ReasoningBudget };
    }

    /// <summary>How long the model may reason before its reply; null for as long as it likes.</summary>
    public ReasoningBudget? ReasoningBudget { get; internal init; }

    /// <summary>The same prompt, where the reply is not read but is text as it comes.</summary>
    internal ChatPrompt AsText() => new(
        Tokens, Text, ReplyFormat.Detect(string.Empty, _ => false), new ReplyOptions { SeparateReasoning = false }, FrozenSet<int>.Empty, IsShown);

    /// <summary>The same prompt with the beginning of the reply, the rest of which is text as it comes.</summary>
    internal ChatPrompt Before(IEnumerable<int> tokens)
    {
        ChatPrompt text = AsText();
        return new ChatPrompt([.. Tokens, .. tokens], Text, text.Format, text.Reply, text.ShownTokens, IsShown);
    }

    /// <summary>The same prompt after others' tokens, which begin with what a text begins with.</summary>
    internal ChatPrompt After(IReadOnlyList<int> tokens, SpecialTokens special)
    {
        int skipped = tokens.Count > 0 && special.AddBos && Tokens is [int first, ..] && first == special.Bos ? 1 : 0;
        return new ChatPrompt([.. tokens, .. Tokens.Skip(skipped)], Text, Format, Reply, ShownTokens, IsShown) { Rules = Rules, KindOf = KindOf, ReasoningBudget = ReasoningBudget };
    }
}
