using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Adapters;
using Hearth.Engine.Sampling;
using Hearth.Engine.Templates;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Store.Manifests;

namespace Hearth.Server.Models;

/// <summary>How a model is run as it is packaged: what the package says, by Ollama's names for parameters, as options.</summary>
public static class PackagedDefaults
{
    // Where the name differs by more than its dashes.
    private static readonly Dictionary<string, string> s_samplingNames = new()
    {
        ["temperature"] = "temp",
        ["typical_p"] = "typical",
        ["mirostat_tau"] = "mirostat-ent",
        ["mirostat_eta"] = "mirostat-lr",
    };

    // Of machines and programs that the package was not made for: the answers are the same without.
    private static readonly string[] s_hints =
        ["num_gpu", "main_gpu", "num_batch", "num_thread", "use_mmap", "use_mlock", "low_vram", "f16_kv", "vocab_only", "numa", "num_keep", "draft_num_predict"];

    /// <summary>The options of a package.</summary>
    /// <param name="content">The package.</param>
    /// <param name="warn">Is told of parameters that are not used.</param>
    public static ServedModelOptions Read(ModelContent content, Action<string>? warn = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ServedModelOptions options = new()
        {
            Conversation = new PackagedConversation(content.System, [.. content.Messages.Select(message => new ChatMessage(message.Role, message.Content))]),
        };
        options = options with
        {
            Load = options.Load with
            {
                Adapters = [.. content.Adapters.Select(path => new LoraAdapter(path))],
                ChatTemplate = content.Template is PackagedTemplate template ? SourceOf(template) : null,
                // Docker's program writes the trained context where nobody has chosen one; it may be more than the memory holds.
                ContextLength = content.Facts is { ContextSize: > 0 and <= int.MaxValue and long context } facts && context != facts.TrainedContext ? (int)context : null,
            },
        };
        foreach ((string name, JsonNode? value) in content.Parameters ?? [])
        {
            options = Apply(options, name, value, warn);
        }

        return options;
    }

    private static ServedModelOptions Apply(ServedModelOptions options, string name, JsonNode? value, Action<string>? warn)
    {
        try
        {
            string[] texts = value is JsonArray list ? [.. list.Select(TextOf)] : [TextOf(value)];
            return name switch
            {
                "stop" => options with { Stop = [.. texts.Where(text => text.Length > 0)] },
                "num_ctx" => options with { Load = options.Load with { ContextLength = Positive(texts[^1]) } },
                "num_predict" => options with { MaxTokens = Positive(texts[^1]) },
                _ when s_hints.Contains(name) => options,
                _ => options with { Sampling = ApplySampling(options.Sampling, name, texts[^1]) },
            };
        }
        catch (Exception exception) when (exception is SamplingOptionException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            warn?.Invoke($"The package's parameter '{name}' is not used: {exception.Message}");
            return options;
        }
    }

    private static SamplingOptions ApplySampling(SamplingOptions sampling, string name, string text)
    {
        string here = s_samplingNames.GetValueOrDefault(name) ?? name.Replace('_', '-');
        SamplingArgument argument = SamplingArgument.All.FirstOrDefault(known => known.Name == here) ?? throw new FormatException("there is no such parameter here.");
        SamplingOptions changed = argument.Apply(sampling, text);
        changed.Validate();
        return changed;
    }

    private static ChatTemplateSource SourceOf(PackagedTemplate template) =>
        template.Language == Store.Manifests.TemplateLanguage.Go ? ChatTemplateSource.Go(template.Text) : ChatTemplateSource.Jinja(template.Text);

    // Nothing, 0 and negative numbers leave it to the model.
    private static int? Positive(string text) =>
        double.Parse(text, CultureInfo.InvariantCulture) is double number && number >= 1 ? checked((int)number) : null;

    private static string TextOf(JsonNode? node) => node switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonValue value => value.ToJsonString(),
        _ => throw new FormatException("it is neither a number nor a text."),
    };
}
