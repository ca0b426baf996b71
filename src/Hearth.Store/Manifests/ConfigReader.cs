using System.Globalization;
using System.Text.Json;

namespace Hearth.Store.Manifests;

/// <summary>Reads the configs of each format. What is missing or of an unexpected type is null; what is no JSON object is an error.</summary>
internal static class ConfigReader
{
    /// <summary>Bytes that a config may have.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int MaxText = 256;

    /// <exception cref="ManifestException">It is too long, or no JSON object.</exception>
    public static ModelFacts Read(Manifest manifest, PackageFormat package, ReadOnlyMemory<byte> config)
    {
        if (config.Length > MaxBytes)
        {
            throw new ManifestException($"The model's config has {config.Length} bytes; more than {MaxBytes} are not read.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(config);
            JsonElement root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object
                ? throw new ManifestException($"The model's config is a JSON {root.ValueKind}, not an object.")
                : package switch
                {
                    PackageFormat.Docker => ReadDocker(manifest, root),
                    PackageFormat.Cncf => ReadCncf(manifest, root),
                    _ => ReadOllama(manifest, root),
                };
        }
        catch (JsonException exception)
        {
            throw new ManifestException($"The model's config is not valid JSON: {Printable(exception.Message)}", inner: exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new ManifestException("The model's config has text that is not valid Unicode.", inner: exception);
        }
    }

    // https://github.com/docker/model-spec/blob/main/config.md, and the fields that Docker Model Runner writes.
    private static ModelFacts ReadDocker(Manifest manifest, JsonElement root)
    {
        JsonElement config = Member(root, "config"), descriptor = Member(root, "descriptor"), gguf = Member(config, "gguf");
        string? architecture = Text(config, "architecture");
        string? trained = Text(gguf, $"{architecture ?? Text(gguf, "general.architecture")}.context_length");
        return new ModelFacts
        {
            Package = PackageFormat.Docker,
            Format = Text(config, "format")?.ToLowerInvariant() ?? InferFormat(manifest),
            Architecture = architecture,
            Parameters = Text(config, "parameters"),
            Quantization = Text(config, "quantization"),
            Size = Text(config, "size"),
            ContextSize = Count(config, "context_size"),
            TrainedContext = long.TryParse(trained, NumberStyles.None, CultureInfo.InvariantCulture, out long tokens) && tokens > 0 ? tokens : null,
            Created = Time(descriptor, "created") ?? Time(descriptor, "createdAt"),
        };
    }

    // https://github.com/modelpack/model-spec/blob/main/docs/config.md
    private static ModelFacts ReadCncf(Manifest manifest, JsonElement root)
    {
        JsonElement config = Member(root, "config");
        return new ModelFacts
        {
            Package = PackageFormat.Cncf,
            Format = Text(config, "format")?.ToLowerInvariant() ?? InferFormat(manifest),
            Architecture = Text(config, "architecture") ?? Text(Member(root, "descriptor"), "family"),
            Parameters = Text(config, "paramSize"),
            Quantization = Text(config, "quantization"),
            Created = Time(Member(root, "descriptor"), "createdAt"),
        };
    }

    private static ModelFacts ReadOllama(Manifest manifest, JsonElement root) => new()
    {
        Package = PackageFormat.Ollama,
        Format = Text(root, "model_format")?.ToLowerInvariant() ?? InferFormat(manifest),
        Architecture = Text(root, "model_family"),
        Parameters = Text(root, "model_type"),
        Quantization = Text(root, "file_type"),
        TrainedContext = Count(root, "context_length"),
    };

    // What the layers say, where the config does not.
    private static string InferFormat(Manifest manifest)
    {
        IEnumerable<string> types = manifest.Layers.Select(layer => layer.MediaType);
        IEnumerable<string> paths = manifest.Layers.Select(layer => LayerClassifier.PathOf(layer) ?? string.Empty);
        bool Any(string end, params string[] known) => types.Any(known.Contains) || paths.Any(path => path.EndsWith(end, StringComparison.OrdinalIgnoreCase));
        return Any(".gguf", MediaTypes.Gguf, MediaTypes.CncfGguf) ? "gguf"
            : Any(".safetensors", MediaTypes.Safetensors, MediaTypes.CncfSafetensors) ? "safetensors"
            : Any(".dduf", MediaTypes.Dduf) ? "dduf"
            : "gguf";
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member) ? member : default;

    // It is shown in terminals and kept beside each reference: no control characters, and not more than a line.
    private static string? Text(JsonElement element, string name)
    {
        JsonElement member = Member(element, name);
        return member.ValueKind == JsonValueKind.String && member.GetString() is { Length: > 0 } text ? Printable(text) : null;
    }

    /// <summary>A text as it can be shown on one line.</summary>
    public static string Printable(string text)
    {
        string line = text.Length > MaxText ? text[..MaxText] : text;
        return line.Any(char.IsControl) ? string.Concat(line.Select(character => char.IsControl(character) ? '\uFFFD' : character)) : line;
    }

    private static long? Count(JsonElement element, string name)
    {
        JsonElement member = Member(element, name);
        return member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long count) && count > 0 ? count : null;
    }

    private static DateTimeOffset? Time(JsonElement element, string name)
    {
        JsonElement member = Member(element, name);
        return member.ValueKind == JsonValueKind.String && member.TryGetDateTimeOffset(out DateTimeOffset time) && time.Year > 1 ? time : null;
    }
}
