using System.Text;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Syntax;

namespace Hearth.Server.Ui.Markdown;

/// <summary>
/// A text in Markdown that grows. Blocks that are complete are parsed once and never again; only the last one is, whenever more comes. So a long answer
/// costs no more per token than a short one.
/// </summary>
public sealed class MarkdownText
{
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .DisableHtml().UsePipeTables().UseTaskLists().UseEmphasisExtras(EmphasisExtraOptions.Strikethrough).UseAutoLinks().Build();

    // A text of nothing but brackets takes the parser long; what a person cannot read need not be laid out.
    private const int MaxOpenLength = 256 * 1024;
    private readonly List<MarkdownPart> _parts = [];
    private readonly StringBuilder _open = new();

    /// <summary>The blocks, in order; all but the last stay as they are.</summary>
    public IReadOnlyList<MarkdownPart> Parts => _parts;

    /// <summary>Reads a text that is complete.</summary>
    public static MarkdownText Parse(string text)
    {
        MarkdownText markdown = new();
        markdown.Append(text);
        return markdown;
    }

    /// <summary>Adds text at the end.</summary>
    public void Append(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            return;
        }

        if (_open.Length > 0)
        {
            _parts.RemoveAt(_parts.Count - 1);
        }

        _open.Append(text);
        string open = _open.ToString();
        if (open.Length > MaxOpenLength)
        {
            _parts.Add(new MarkdownPart(null, open));
            _open.Clear();
            return;
        }

        if (Parse(open, s_pipeline) is not MarkdownDocument document)
        {
            _parts.Add(new MarkdownPart(null, open));
            return;
        }

        Block[] blocks = [.. document.Where(block => block is not LinkReferenceDefinitionGroup)];
        foreach (Block block in blocks.SkipLast(1))
        {
            _parts.Add(new MarkdownPart(block, null));
        }

        if (blocks.Length > 1)
        {
            // From the beginning of its line: how far a block is indented says what it is.
            int start = open.LastIndexOf('\n', Math.Max(0, Math.Min(blocks[^1].Span.Start, open.Length) - 1)) + 1;
            _open.Remove(0, start);
        }

        _parts.Add(new MarkdownPart(blocks is [.., Block last] ? last : null, null));
    }

    private static MarkdownDocument? Parse(string text, MarkdownPipeline pipeline)
    {
        try
        {
            return Markdig.Markdown.Parse(text, pipeline);
        }
        catch (ArgumentException)
        {
            // It is nested more deeply than the parser goes.
            return null;
        }
    }
}

/// <summary>A block of a text.</summary>
public sealed class MarkdownPart
{
    internal MarkdownPart(Block? block, string? plain)
    {
        Block = block;
        Plain = plain;
    }

    internal Block? Block { get; }

    /// <summary>A text that is shown as it is.</summary>
    internal string? Plain { get; }
}
