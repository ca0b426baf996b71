using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Hearth.Server.Ui.Markdown;

/// <summary>Shows some lines of code. Lines that are complete are never rendered again.</summary>
public sealed class CodeChunkView : ComponentBase
{
    private CodeChunk? _rendered;

    /// <summary>The lines.</summary>
    [Parameter]
    [EditorRequired]
    public CodeChunk Chunk { get; set; } = null!;

    /// <inheritdoc/>
    protected override bool ShouldRender() => _rendered != Chunk;

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _rendered = Chunk;
        foreach (CodePiece piece in Chunk.Pieces)
        {
            if (piece.Kind == CodeKind.Plain)
            {
                builder.AddContent(0, piece.Text);
                continue;
            }

            builder.OpenElement(1, "span");
            builder.AddAttribute(2, "class", ClassOf(piece.Kind));
            builder.AddContent(3, piece.Text);
            builder.CloseElement();
        }
    }

    private static string ClassOf(CodeKind kind) => kind switch
    {
        CodeKind.Keyword => "k",
        CodeKind.Text => "s",
        CodeKind.Comment => "c",
        CodeKind.Number => "n",
        CodeKind.Name => "f",
        _ => string.Empty,
    };
}
