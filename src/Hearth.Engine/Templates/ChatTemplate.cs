using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Ast;
using Hearth.Engine.Templates.Parsing;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates;

/// <summary>
/// A chat template: Jinja 3.1 as Hugging Face transformers sets it up (immutable sandbox, trimmed blocks, loop controls,
/// <c>generation</c> blocks, plain <c>tojson</c>, <c>raise_exception</c>, <c>strftime_now</c>), with Python's semantics.
/// Immutable, so it may be rendered by several threads at once.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>The longest template text in characters.</summary>
    public const int MaxSourceLength = 4 * 1024 * 1024;

    private readonly Block _body;

    private ChatTemplate(string source, Block body)
    {
        Source = source;
        _body = body;
    }

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">The text is not a valid template; the exception has the line.</exception>
    public static ChatTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Length > MaxSourceLength)
        {
            throw TemplateException.Budget($"The template has {source.Length} characters, and {MaxSourceLength} are allowed.");
        }

        return new ChatTemplate(source, new Parser(new Lexer(source).Tokenize()).ParseTemplate());
    }

    /// <summary>Renders the template with the context's members as variables.</summary>
    /// <exception cref="TemplateException">The template failed, refused the context or passed a limit.</exception>
    public string Render(JsonObject context, TemplateRenderOptions? options = null, CancellationToken ct = default) =>
        Run(context, options, ct).ToString();

    /// <summary>As <see cref="Render"/>, in runs of the same origin: adjacent runs differ in origin, and none is empty.</summary>
    /// <exception cref="TemplateException">The template failed, refused the context or passed a limit.</exception>
    public IReadOnlyList<RenderedSegment> RenderSegments(
        JsonObject context, TemplateRenderOptions? options = null, CancellationToken ct = default) =>
        Run(context, options, ct).ToSegments();

    private TextBuilder Run(JsonObject context, TemplateRenderOptions? options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        var state = new RenderState(options ?? TemplateRenderOptions.Default, ct);
        try
        {
            Scope root = new(state.LoadContext(context), parent: null);
            var output = new TextBuilder(state);
            _body.Execute(state, root, output);
            return output;
        }
        catch (TemplateException exception)
        {
            exception.Line ??= state.Line > 0 ? state.Line : null;
            throw;
        }
    }
}
