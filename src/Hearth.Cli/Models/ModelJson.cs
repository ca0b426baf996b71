using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Hearth.Store;
using Hearth.Store.Importing;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;

namespace Hearth.Cli.Models;

/// <summary>A model as programs see it: the object of Docker Model Runner's API, and bytes and source beside it. Fields only ever get more.</summary>
internal sealed record ModelObject
{
    /// <summary>The digest of its manifest; of models in other programs' folders, nothing.</summary>
    public string? Id { get; init; }

    /// <summary>Its references in their normal form.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>When it was made, in seconds since 1970.</summary>
    public long? Created { get; init; }

    /// <summary>Bytes of everything that it is made of.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>The program whose folder it is in; null for Hearth's own.</summary>
    public string? Source { get; init; }

    /// <summary>Where it is in that folder.</summary>
    public string? Location { get; init; }

    /// <summary>What its config says.</summary>
    public ModelConfigObject? Config { get; init; }

    /// <summary>A stored model.</summary>
    public static ModelObject Of(StoredModel model) => new()
    {
        Id = model.Id.ToString(),
        Tags = [.. model.References.Select(reference => reference.ToString())],
        Created = (model.Facts.Created ?? model.Updated).ToUnixTimeSeconds(),
        SizeBytes = model.Size,
        Config = ModelConfigObject.Of(model.Facts),
    };

    /// <summary>A model of another program.</summary>
    public static ModelObject Of(ForeignModel model) => new()
    {
        Tags = [model.Reference.ToString()],
        Created = model.Updated.ToUnixTimeSeconds(),
        SizeBytes = model.Size,
        Source = ModelList.NameOf(model.Source),
        Location = model.Location,
    };

    /// <summary>The same with the metadata that a config of Docker's repeats.</summary>
    /// <param name="config">The config.</param>
    public ModelObject WithMetadataOf(ReadOnlyMemory<byte> config)
    {
        try
        {
            JsonObject? gguf = (JsonNode.Parse(config.Span) as JsonObject)?["config"]?["gguf"] as JsonObject;
            return gguf is null || Config is null ? this : this with { Config = Config with { Gguf = (JsonObject)gguf.DeepClone() } };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // Whoever made it, its facts could be read; what is beside them is no reason to show nothing.
            return this;
        }
    }
}

/// <summary>What a model's config says, under the names of Docker Model Runner's API.</summary>
internal sealed record ModelConfigObject
{
    /// <summary><c>gguf</c>, ...</summary>
    public required string Format { get; init; }

    /// <summary><c>Q4_K_M</c>, ...</summary>
    public string? Quantization { get; init; }

    /// <summary><c>361.82M</c>, ...</summary>
    public string? Parameters { get; init; }

    /// <summary><c>llama</c>, ...</summary>
    public string? Architecture { get; init; }

    /// <summary><c>256.35MiB</c>, ...</summary>
    public string? Size { get; init; }

    /// <summary>Tokens of context to run it with.</summary>
    public long? ContextSize { get; init; }

    /// <summary>Metadata of its GGUF file.</summary>
    public JsonObject? Gguf { get; init; }

    public static ModelConfigObject Of(ModelFacts facts) => new()
    {
        Format = facts.Format,
        Quantization = facts.Quantization,
        Parameters = facts.Parameters,
        Architecture = facts.Architecture,
        Size = facts.Size,
        ContextSize = facts.ContextSize,
    };
}

/// <summary>What <c>hearth df --json</c> prints.</summary>
internal sealed record DiskUsageObject(string Folder, int Models, long ModelBytes, long SharedBytes, long LinkedBytes, long UnusedBytes, long PartialBytes, long FreeBytes)
{
    public static DiskUsageObject Of(string folder, DiskUsage usage) =>
        new(folder, usage.Models, usage.ModelBytes, usage.SharedBytes, usage.LinkedBytes, usage.UnusedBytes, usage.PartialBytes, usage.FreeBytes);
}

/// <summary>The JSON that commands on models print.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<ModelObject>))]
[JsonSerializable(typeof(ModelObject))]
[JsonSerializable(typeof(DiskUsageObject))]
[JsonSerializable(typeof(IReadOnlyList<FoundModel>))]
internal sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a terminal is no HTML page.</summary>
    public static ModelJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
