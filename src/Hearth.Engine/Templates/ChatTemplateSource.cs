namespace Hearth.Engine.Templates;

/// <summary>The languages of chat templates.</summary>
public enum TemplateLanguage
{
    /// <summary>Jinja, as Hugging Face and the metadata of GGUF files have it.</summary>
    Jinja,

    /// <summary>Go's text/template, as Ollama's packages have it.</summary>
    Go,
}

/// <summary>The text of a chat template and the language that it is written in.</summary>
/// <param name="Language">The language.</param>
/// <param name="Text">The text.</param>
public sealed record ChatTemplateSource(TemplateLanguage Language, string Text)
{
    /// <summary>The ending of the names of files with Go templates.</summary>
    public const string GoExtension = ".gotmpl";

    /// <summary>A template in Jinja.</summary>
    public static ChatTemplateSource Jinja(string text) => new(TemplateLanguage.Jinja, text);

    /// <summary>A template in Go's language.</summary>
    public static ChatTemplateSource Go(string text) => new(TemplateLanguage.Go, text);

    /// <summary>The template that a file has: a Go template when its name ends with <see cref="GoExtension"/>, otherwise a Jinja template.</summary>
    public static ChatTemplateSource OfFile(string path, string text) =>
        new(path.EndsWith(GoExtension, StringComparison.OrdinalIgnoreCase) ? TemplateLanguage.Go : TemplateLanguage.Jinja, text);
}
