using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Go;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates;

/// <summary>
/// A chat template, in either language (<see cref="TemplateLanguage"/>). Immutable, so it may be rendered by several threads at once.
/// </summary>
/// <remarks>
/// <para>A Jinja template is rendered with Jinja 3.1 as Hugging Face transformers sets it up (immutable sandbox, trimmed blocks, loop
/// controls, <c>generation</c> blocks, plain <c>tojson</c>, <c>raise_exception</c>, <c>strftime_now</c>), with Python's semantics; the
/// members of the context are its variables.</para>
/// <para>A Go template is rendered with Go's text/template as Ollama sets it up; its variables are made from the context's
/// <c>messages</c>, <c>tools</c>, <c>think</c> (or <c>enable_thinking</c> and <c>reasoning_effort</c>), <c>prompt</c> and <c>suffix</c>.
/// It decides by itself whether the answer begins, so <c>add_generation_prompt</c> makes no difference to it.</para>
/// </remarks>
public abstract class ChatTemplate
{
    /// <summary>The longest template text in characters.</summary>
    public const int MaxSourceLength = 4 * 1024 * 1024;

    private protected ChatTemplate(string source) => Source = source;

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>The language that it is written in.</summary>
    public abstract TemplateLanguage Language { get; }

    /// <summary>What the template makes use of, as far as its text shows.</summary>
    public abstract ChatTemplateFeatures Features { get; }

    /// <summary>The texts between which the model writes what it thinks; null when the template's text does not show them.</summary>
    public virtual (string Start, string End)? ThinkingTags => null;

    /// <summary>Parses a Jinja template.</summary>
    /// <exception cref="TemplateException">The text is not a valid template; the exception has the line.</exception>
    public static ChatTemplate Parse(string source) => Parse(ChatTemplateSource.Jinja(source));

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">The text is not a valid template; the exception has the line.</exception>
    public static ChatTemplate Parse(ChatTemplateSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(source.Text, nameof(source));
        return source.Text.Length > MaxSourceLength
            ? throw TemplateException.Budget($"The template has {source.Text.Length} characters, and {MaxSourceLength} are allowed.")
            : source.Language == TemplateLanguage.Go ? new OllamaTemplate(source.Text) : new JinjaTemplate(source.Text);
    }

    /// <summary>Renders the template for a context.</summary>
    /// <exception cref="TemplateException">The template failed, refused the context or passed a limit.</exception>
    public string Render(JsonObject context, TemplateRenderOptions? options = null, CancellationToken ct = default) =>
        RunChecked(context, options, ct).ToString();

    /// <summary>As <see cref="Render"/>, in runs of the same origin: adjacent runs differ in origin, and none is empty.</summary>
    /// <exception cref="TemplateException">The template failed, refused the context or passed a limit.</exception>
    public IReadOnlyList<RenderedSegment> RenderSegments(
        JsonObject context, TemplateRenderOptions? options = null, CancellationToken ct = default) =>
        RunChecked(context, options, ct).ToSegments();

    private protected abstract TextBuilder Run(JsonObject context, TemplateRenderOptions options, CancellationToken ct);

    private TextBuilder RunChecked(JsonObject context, TemplateRenderOptions? options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Run(context, options ?? TemplateRenderOptions.Default, ct);
    }
}
