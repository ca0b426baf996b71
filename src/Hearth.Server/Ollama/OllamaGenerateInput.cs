using System.Text.Json;
using Hearth.Engine.Templates;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Ollama;

/// <summary>What is to be continued.</summary>
internal sealed record OllamaGenerateInput
{
    private static readonly string[] s_ofPictures = ["width", "height", "steps"];

    public required string Prompt { get; init; }

    /// <summary>What follows what is to be written; empty for nothing.</summary>
    public required string Suffix { get; init; }

    /// <summary>Instructions instead of the model's; null for the model's.</summary>
    public required string? System { get; init; }

    /// <summary>The template instead of the model's; null for the model's.</summary>
    public required ChatTemplate? Template { get; init; }

    /// <summary>Whether the prompt is continued as it is.</summary>
    public required bool IsRaw { get; init; }

    public static OllamaGenerateInput Read(RequestReader reader)
    {
        OllamaRequest.RefuseImages(reader);
        foreach (string name in s_ofPictures)
        {
            reader.Refuse(name, GenerationParameters.IsNothing, ": models write text, not pictures");
        }

        bool isRaw = reader.Flag("raw") ?? false;
        string? system = reader.Text("system");
        string? template = reader.Text("template");
        bool hasContext = reader.TryGet("context", out JsonElement context) && !GenerationParameters.IsNothing(context);
        return isRaw && (!string.IsNullOrEmpty(system) || !string.IsNullOrEmpty(template) || hasContext)
            ? throw OllamaErrors.Invalid("raw mode does not support template, system, or context")
            : new OllamaGenerateInput
            {
                Prompt = reader.Text("prompt") ?? string.Empty,
                Suffix = reader.Text("suffix") ?? string.Empty,
                System = system,
                Template = string.IsNullOrEmpty(template) ? null : ParseTemplate(template),
                IsRaw = isRaw,
            };
    }

    /// <summary>The tokens of earlier answers, and of what they answered.</summary>
    public static IReadOnlyList<int> ReadContext(RequestReader reader, int vocabulary) => !reader.TryGet("context", out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array ? reader.Tokens(value, "context", vocabulary)
        : throw reader.Wrong("context", "an array of token ids", value);

    /// <summary>A template in Go's language, or in Jinja's where it has statements of that.</summary>
    /// <exception cref="Errors.ApiException">It is not one.</exception>
    public static ChatTemplate ParseTemplate(string text)
    {
        try
        {
            return ChatTemplate.Parse(text.Contains("{%", StringComparison.Ordinal) ? ChatTemplateSource.Jinja(text) : ChatTemplateSource.Go(text));
        }
        catch (TemplateException exception)
        {
            throw OllamaErrors.Invalid($"template error: {exception.Message}");
        }
    }
}
