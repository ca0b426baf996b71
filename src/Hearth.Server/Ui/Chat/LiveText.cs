using Hearth.Server.Ui.Markdown;

namespace Hearth.Server.Ui.Chat;

/// <summary>A message's text and reasoning, laid out as they grow.</summary>
public sealed class LiveText
{
    // Only the last piece is sent again when there is more.
    private const int PieceLength = 1000;
    private readonly List<string> _reasoning = [];

    /// <summary>The text.</summary>
    public MarkdownText Content { get; } = new();

    /// <summary>The reasoning, which is shown as it is, in pieces of some lines.</summary>
    public IReadOnlyList<string> ReasoningPieces => _reasoning;

    /// <summary>The reasoning.</summary>
    public string Reasoning => string.Concat(_reasoning);

    /// <summary>That of a message that is complete.</summary>
    public static LiveText Of(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        LiveText text = new();
        text.Content.Append(node.Content);
        text.AddReasoning(node.Reasoning ?? string.Empty);
        return text;
    }

    /// <summary>Adds to the reasoning.</summary>
    public void AddReasoning(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            return;
        }

        if (_reasoning.Count == 0 || (_reasoning[^1].Length > PieceLength && _reasoning[^1].EndsWith('\n')))
        {
            _reasoning.Add(text);
        }
        else
        {
            _reasoning[^1] += text;
        }
    }
}
