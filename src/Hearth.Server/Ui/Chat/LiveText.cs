using System.Text;
using Hearth.Server.Ui.Markdown;

namespace Hearth.Server.Ui.Chat;

/// <summary>A message's text and reasoning, laid out as they grow.</summary>
public sealed class LiveText
{
    private readonly StringBuilder _reasoning = new();

    /// <summary>The text.</summary>
    public MarkdownText Content { get; } = new();

    /// <summary>The reasoning, which is shown as it is.</summary>
    public string Reasoning => _reasoning.ToString();

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
    public void AddReasoning(string text) => _reasoning.Append(text);
}
