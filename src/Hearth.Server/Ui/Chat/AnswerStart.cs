using System.Text;

namespace Hearth.Server.Ui.Chat;

/// <summary>The beginning of an answer, which the model goes on from.</summary>
/// <param name="Head">What the model wrote before the text: reasoning, with its marks.</param>
/// <param name="Text">The text.</param>
/// <param name="Tokens">The text's tokens, where they are known; else the text is cut into tokens anew.</param>
/// <param name="Model">The model whose tokens they are.</param>
public sealed record AnswerStart(string Head, string Text, IReadOnlyList<TokenChoice>? Tokens, string? Model)
{
    /// <summary>All of an answer.</summary>
    public static AnswerStart After(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        string raw = node.Raw ?? node.Content;
        return raw.EndsWith(node.Content, StringComparison.Ordinal)
            ? new AnswerStart(raw[..^node.Content.Length], node.Content, node.Tokens, node.Model)
            : new AnswerStart(raw, string.Empty, null, node.Model);
    }

    /// <summary>An answer up to a token, and another token instead of it.</summary>
    /// <param name="node">The answer; it has tokens.</param>
    /// <param name="index">The token's number.</param>
    /// <param name="instead">The other one.</param>
    public static AnswerStart Instead(ChatNode node, int index, TokenChoice instead)
    {
        ArgumentNullException.ThrowIfNull(instead);
        AnswerStart whole = After(node);
        IReadOnlyList<TokenChoice> top = node.Tokens![index].Top;
        TokenChoice[] tokens = [.. node.Tokens!.Take(index), instead with { Top = top, Rank = Math.Max(0, top.Select(other => other.Id).ToList().IndexOf(instead.Id)) }];
        return new AnswerStart(whole.Head, Encoding.UTF8.GetString([.. tokens.SelectMany(token => token.Bytes)]), tokens, node.Model);
    }
}
