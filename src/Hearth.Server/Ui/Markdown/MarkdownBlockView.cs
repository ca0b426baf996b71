using System.Globalization;
using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Hearth.Server.Ui.Markdown;

/// <summary>
/// Shows a block of Markdown. It is built of elements, one by one, from the list below: there is no HTML text on the way, so nothing that a model writes can
/// become an element, an attribute or a script.
/// </summary>
public sealed class MarkdownBlockView : ComponentBase
{
    // Headings of an answer come below those of the page.
    private const int HeadingOffset = 2;
    private const int LowestHeading = 6;
    private const int MaxDepth = 64;
    private const int PieceLength = 1024;
    private MarkdownPart? _rendered;

    /// <summary>The block.</summary>
    [Parameter]
    [EditorRequired]
    public MarkdownPart Part { get; set; } = null!;

    /// <inheritdoc/>
    protected override bool ShouldRender() => _rendered != Part;

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _rendered = Part;
        if (Part.Plain is string plain)
        {
            builder.OpenElement(0, "pre");
            builder.AddContent(1, plain);
            builder.CloseElement();
        }
        else if (Part.Block is Block block)
        {
            Add(builder, block, 0);
        }
    }

    private static void Add(RenderTreeBuilder builder, Block block, int depth)
    {
        if (depth > MaxDepth)
        {
            return;
        }

        switch (block)
        {
            case HeadingBlock heading:
                int level = Math.Min(LowestHeading, heading.Level + HeadingOffset);
                Element(builder, "h" + level.ToString(CultureInfo.InvariantCulture), () => Add(builder, heading.Inline, depth));
                break;
            case ParagraphBlock { Parent: ListItemBlock { Parent: ListBlock { IsLoose: false } } } tight:
                Add(builder, tight.Inline, depth);
                break;
            case ParagraphBlock paragraph:
                Element(builder, "p", () => Add(builder, paragraph.Inline, depth));
                break;
            case ListBlock list:
                AddList(builder, list, depth);
                break;
            case QuoteBlock quote:
                Element(builder, "blockquote", () => AddAll(builder, quote, depth));
                break;
            case ThematicBreakBlock:
                Element(builder, "hr", () => { });
                break;
            case Table table:
                AddTable(builder, table, depth);
                break;
            case CodeBlock code:
                AddCode(builder, code);
                break;
            case ContainerBlock container:
                AddAll(builder, container, depth);
                break;
            case LeafBlock { Inline: not null } leaf:
                Element(builder, "p", () => Add(builder, leaf.Inline, depth));
                break;
        }
    }

    private static void AddAll(RenderTreeBuilder builder, ContainerBlock container, int depth)
    {
        foreach (Block block in container)
        {
            builder.OpenRegion(10);
            Add(builder, block, depth + 1);
            builder.CloseRegion();
        }
    }

    private static void AddList(RenderTreeBuilder builder, ListBlock list, int depth)
    {
        builder.OpenElement(20, list.IsOrdered ? "ol" : "ul");
        if (list.IsOrdered && int.TryParse(list.OrderedStart, NumberStyles.None, CultureInfo.InvariantCulture, out int start) && start != 1)
        {
            builder.AddAttribute(21, "start", start);
        }

        foreach (Block item in list)
        {
            builder.OpenElement(22, "li");
            if (item is ContainerBlock content)
            {
                AddAll(builder, content, depth + 1);
            }

            builder.CloseElement();
        }

        builder.CloseElement();
    }

    private static void AddTable(RenderTreeBuilder builder, Table table, int depth)
    {
        builder.OpenElement(30, "div");
        builder.AddAttribute(31, "class", "table");
        builder.AddAttribute(32, "tabindex", "0");
        builder.AddAttribute(33, "role", "group");
        builder.AddAttribute(34, "aria-label", "Table");
        builder.OpenElement(35, "table");
        foreach (TableRow row in table.OfType<TableRow>())
        {
            builder.OpenElement(36, "tr");
            int column = 0;
            foreach (TableCell cell in row.OfType<TableCell>())
            {
                builder.OpenElement(37, row.IsHeader ? "th" : "td");
                if (column < table.ColumnDefinitions.Count && table.ColumnDefinitions[column].Alignment is TableColumnAlign align and not TableColumnAlign.Left)
                {
                    builder.AddAttribute(38, "class", align == TableColumnAlign.Right ? "right" : "center");
                }

                foreach (Block block in cell)
                {
                    builder.OpenRegion(39);
                    Add(builder, block is ParagraphBlock paragraph ? paragraph.Inline : (block as LeafBlock)?.Inline, depth + 1);
                    builder.CloseRegion();
                }

                builder.CloseElement();
                column++;
            }

            builder.CloseElement();
        }

        builder.CloseElement();
        builder.CloseElement();
    }

    private static void AddCode(RenderTreeBuilder builder, CodeBlock code)
    {
        builder.OpenComponent<CodeView>(40);
        builder.AddComponentParameter(41, nameof(CodeView.Text), code.Lines.ToString());
        builder.AddComponentParameter(42, nameof(CodeView.Language), (code as FencedCodeBlock)?.Info ?? string.Empty);
        builder.CloseComponent();
    }

    private static void Element(RenderTreeBuilder builder, string name, Action content)
    {
        builder.OpenElement(50, name);
        builder.OpenRegion(51);
        content();
        builder.CloseRegion();
        builder.CloseElement();
    }

    private static void Add(RenderTreeBuilder builder, ContainerInline? inlines, int depth)
    {
        if (inlines is null || depth > MaxDepth)
        {
            return;
        }

        foreach (Inline inline in inlines)
        {
            builder.OpenRegion(60);
            Add(builder, inline, depth + 1);
            builder.CloseRegion();
        }
    }

    private static void Add(RenderTreeBuilder builder, Inline inline, int depth)
    {
        switch (inline)
        {
            case LiteralInline literal:
                AddText(builder, literal.Content.ToString());
                break;
            case CodeInline code:
                builder.OpenElement(71, "code");
                builder.AddContent(72, code.Content);
                builder.CloseElement();
                break;
            case EmphasisInline emphasis:
                Element(builder, emphasis.DelimiterChar == '~' ? "del" : emphasis.DelimiterCount > 1 ? "strong" : "em", () => Add(builder, emphasis, depth));
                break;
            case LineBreakInline { IsHard: true }:
                Element(builder, "br", () => { });
                break;
            case LineBreakInline:
                builder.AddContent(73, "\n");
                break;
            case LinkInline link:
                AddLink(builder, link.GetDynamicUrl?.Invoke() ?? link.Url, () => Add(builder, link, depth));
                break;
            case AutolinkInline auto:
                AddLink(builder, auto.IsEmail ? "mailto:" + auto.Url : auto.Url, () => builder.AddContent(74, auto.Url));
                break;
            case HtmlEntityInline entity:
                builder.AddContent(75, entity.Transcoded.ToString());
                break;
            case TaskList task:
                builder.OpenElement(76, "span");
                builder.AddAttribute(77, "class", "task");
                builder.AddAttribute(78, "role", "img");
                builder.AddAttribute(79, "aria-label", task.Checked ? "Done" : "Not done");
                builder.AddContent(80, task.Checked ? "☑ " : "☐ ");
                builder.CloseElement();
                break;
            case DelimiterInline delimiter:
                builder.AddContent(81, delimiter.ToLiteral());
                Add(builder, (ContainerInline)delimiter, depth);
                break;
            case HtmlInline html:
                builder.AddContent(82, html.Tag);
                break;
            case ContainerInline container:
                Add(builder, container, depth);
                break;
        }
    }

    // In pieces: of a paragraph that grows only the last one is sent again.
    private static void AddText(RenderTreeBuilder builder, string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = Math.Min(text.Length, start + PieceLength);
            end += end < text.Length && char.IsLowSurrogate(text[end]) ? 1 : 0;
            builder.AddContent(70, text[start..end]);
        }
    }

    private static void AddLink(RenderTreeBuilder builder, string? url, Action content)
    {
        if (LinkTarget.Of(url) is not string target)
        {
            content();
            return;
        }

        builder.OpenElement(90, "a");
        builder.AddAttribute(91, "href", target);
        builder.AddAttribute(92, "target", "_blank");
        builder.AddAttribute(93, "rel", "noopener noreferrer nofollow");
        builder.OpenRegion(94);
        content();
        builder.CloseRegion();
        builder.CloseElement();
    }
}
