using System.Runtime.InteropServices;
using System.Text;
using Hearth.Engine.Tokenization;
using Hearth.Server.Chat;

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
            ? With(raw[..^node.Content.Length], node)
            : new AnswerStart(raw, string.Empty, null, node.Model);
    }

    /// <summary>An answer up to the end of its text, without tokens; null where the text is not as the model wrote it.</summary>
    public static AnswerStart? UpToTextOf(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        string raw = node.Raw ?? node.Content;
        int place = raw.LastIndexOf(node.Content, StringComparison.Ordinal);
        return place < 0 || node.Content.Length == 0 ? null : new AnswerStart(raw[..place], node.Content, null, node.Model);
    }

    /// <summary>An answer up to a token, and another token instead of it.</summary>
    /// <param name="node">The answer; it has tokens.</param>
    /// <param name="index">The token's number.</param>
    /// <param name="instead">The other one.</param>
    public static AnswerStart Instead(ChatNode node, int index, TokenChoice instead)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(instead);
        string head = UpToTextOf(node) is AnswerStart text ? With(text.Head, node).Head : After(node).Head;
        IReadOnlyList<TokenChoice> top = node.Tokens![index].Top;
        TokenChoice[] tokens = [.. node.Tokens!.Take(index), instead with { Top = top, Rank = Math.Max(0, top.Select(other => other.Id).ToList().IndexOf(instead.Id)) }];
        return new AnswerStart(head, TextOf(tokens), tokens, node.Model);
    }

    /// <summary>The tokens. Marks that the model may write are its tokens; all else is text, whatever it looks like.</summary>
    internal int[] Encode(Tokenizer tokenizer, ChatPrompt prompt)
    {
        string[] marks = [.. prompt.ShownTokens.Select(tokenizer.TokenText).Where(mark => mark.Length > 0)];
        List<PromptSegment> segments = [.. Split(Head, marks)];
        if (Tokens is null)
        {
            segments.Add(new PromptSegment(Text, false));
        }

        List<int> tokens = tokenizer.Encode(CollectionsMarshal.AsSpan(segments), addSpecial: false);
        return [.. tokens, .. Tokens?.Select(token => token.Id) ?? []];
    }

    // The first token may begin before the text, as one with a space in front of the first word does.
    private static AnswerStart With(string head, ChatNode node)
    {
        string text = node.Tokens is null ? node.Content : TextOf(node.Tokens);
        int before = Math.Max(0, text.Length - node.Content.Length);
        return before > 0 && head.EndsWith(text[..before], StringComparison.Ordinal)
            ? new AnswerStart(head[..^before], text, node.Tokens, node.Model)
            : new AnswerStart(head, node.Content, node.Tokens, node.Model);
    }

    private static string TextOf(IEnumerable<TokenChoice> tokens) => Encoding.UTF8.GetString([.. tokens.SelectMany(token => token.Bytes)]);

    private static IEnumerable<PromptSegment> Split(string text, string[] marks)
    {
        int plain = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (Array.Find(marks, mark => string.CompareOrdinal(text, i, mark, 0, mark.Length) == 0) is string found)
            {
                if (i > plain)
                {
                    yield return new PromptSegment(text[plain..i], false);
                }

                yield return new PromptSegment(found, true);
                plain = i + found.Length;
                i = plain - 1;
            }
        }

        if (plain < text.Length)
        {
            yield return new PromptSegment(text[plain..], false);
        }
    }
}
