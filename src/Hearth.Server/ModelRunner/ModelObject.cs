using System.Text.Json;
using System.Text.Json.Serialization;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Server.ModelRunner;

/// <summary>A stored model, as Docker Model Runner's <c>/models</c> has it.</summary>
/// <param name="Id">Its ID: the digest of its manifest.</param>
/// <param name="Tags">Its references in their normal form.</param>
/// <param name="Created">When it was made, in seconds since 1970.</param>
/// <param name="Config">What its config says.</param>
public sealed record ModelObject(string Id, IReadOnlyList<string> Tags, long Created, ModelObjectConfig Config)
{
    /// <summary>A model of a store.</summary>
    /// <exception cref="StoreException">Its config is missing.</exception>
    public static ModelObject Of(ModelStore store, StoredModel model)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(model);
        return Of(model.Id, [.. model.References.Select(reference => reference.ToString())], model.Facts, store.GetConfig(model));
    }

    /// <summary>A model that need not be stored.</summary>
    /// <param name="id">Its ID.</param>
    /// <param name="tags">Its references.</param>
    /// <param name="facts">What its config says.</param>
    /// <param name="config">The config; empty to leave out what only it says.</param>
    public static ModelObject Of(Digest id, IReadOnlyList<string> tags, ModelFacts facts, ReadOnlyMemory<byte> config)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return new ModelObject(id.ToString(), tags, (facts.Created ?? DateTimeOffset.UnixEpoch).ToUnixTimeSeconds(), new ModelObjectConfig
        {
            Format = facts.Format,
            Quantization = facts.Quantization ?? string.Empty,
            Parameters = facts.Parameters ?? string.Empty,
            Architecture = facts.Architecture ?? string.Empty,
            Size = facts.Size ?? string.Empty,
            ContextSize = facts.ContextSize,
            Gguf = MetadataOf(config),
        });
    }

    private static Dictionary<string, string>? MetadataOf(ReadOnlyMemory<byte> config)
    {
        if (config.IsEmpty)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(config);
            return document.RootElement.TryGetProperty("config", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object
                && inner.TryGetProperty("gguf", out JsonElement gguf) && gguf.ValueKind == JsonValueKind.Object
                ? gguf.EnumerateObject().DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name, entry => entry.Value.ToString())
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>What a model's config says, by Docker's names.</summary>
public sealed record ModelObjectConfig
{
    /// <summary>The format of its weights.</summary>
    public required string Format { get; init; }

    /// <summary>The quantisation; empty where it is not known, as the following ones.</summary>
    public required string Quantization { get; init; }

    /// <summary>The number of parameters.</summary>
    public required string Parameters { get; init; }

    /// <summary>The architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>The size of the weights.</summary>
    public required string Size { get; init; }

    /// <summary>Tokens of context to run it with; null where that was not packaged.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ContextSize { get; init; }

    /// <summary>The metadata of its GGUF file; null where it was not packaged.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Gguf { get; init; }
}
