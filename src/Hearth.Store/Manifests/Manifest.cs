using System.Text.Json;
using Hearth.Store.References;

namespace Hearth.Store.Manifests;

/// <summary>A manifest: what a model is made of. Its bytes are kept as they came, for its digest is the model's ID.</summary>
public sealed class Manifest
{
    /// <summary>Bytes that a manifest may have (OCI distribution specification, "Pushing Manifests").</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const int MaxLayers = 10_000;

    private Manifest(ReadOnlyMemory<byte> bytes, string mediaType, string? artifactType, Descriptor config, IReadOnlyList<Descriptor> layers, IReadOnlyDictionary<string, string> annotations)
    {
        Bytes = bytes;
        Digest = Digest.Of(bytes.Span);
        MediaType = mediaType;
        ArtifactType = artifactType;
        Config = config;
        Layers = layers;
        Annotations = annotations;
        Size = Blobs.Sum(blob => blob.Size);
    }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The digest of <see cref="Bytes"/>.</summary>
    public Digest Digest { get; }

    /// <summary>The kind of manifest.</summary>
    public string MediaType { get; }

    /// <summary>What the whole is, where the manifest says it.</summary>
    public string? ArtifactType { get; }

    /// <summary>The config.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers, in their order.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <summary>What else is said of it.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>The config and the layers, each digest once.</summary>
    public IEnumerable<Descriptor> Blobs => Layers.Append(Config).DistinctBy(blob => blob.Digest);

    /// <summary>Bytes of everything that it names.</summary>
    public long Size { get; }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="ManifestException">It is not one of a single artifact, or something in it is not as it must be.</exception>
    public static Manifest Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new ManifestException($"The manifest has {bytes.Length} bytes; more than {MaxBytes} are not read.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return Read(bytes, document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new ManifestException($"The manifest is not valid JSON: {ConfigReader.Printable(exception.Message)}", inner: exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            throw new ManifestException($"The manifest is not as the OCI image specification says: {ConfigReader.Printable(exception.Message)}", inner: exception);
        }
    }

    /// <summary>What the config of the model says.</summary>
    /// <param name="config">The config's bytes.</param>
    /// <exception cref="ManifestException">The config is broken.</exception>
    public ModelFacts ReadFacts(ReadOnlyMemory<byte> config) => ModelInterpreter.ReadFacts(this, config);

    private static Manifest Read(ReadOnlyMemory<byte> bytes, JsonElement root)
    {
        string mediaType = root.TryGetProperty("mediaType", out JsonElement type) && type.GetString() is { Length: > 0 } named ? named : MediaTypes.OciManifest;
        if (mediaType is not (MediaTypes.OciManifest or MediaTypes.DockerManifest) || root.TryGetProperty("manifests", out _))
        {
            throw new ManifestException($"The reference is of a '{ConfigReader.Printable(mediaType)}', which is a list of manifests or no manifest, and no model.", isUnsupported: true);
        }

        if (root.GetProperty("schemaVersion").GetInt32() is not 2 and var version)
        {
            throw new ManifestException($"The manifest has schema version {version}; only 2 is known.", isUnsupported: true);
        }

        JsonElement layers = root.GetProperty("layers");
        if (layers.GetArrayLength() > MaxLayers)
        {
            throw new ManifestException($"The manifest has {layers.GetArrayLength()} layers; more than {MaxLayers} are not taken.");
        }

        string? artifactType = root.TryGetProperty("artifactType", out JsonElement artifact) ? artifact.GetString() : null;
        return new Manifest(bytes, mediaType, artifactType, ReadDescriptor(root.GetProperty("config")), [.. layers.EnumerateArray().Select(ReadDescriptor)], ReadAnnotations(root));
    }

    private static Descriptor ReadDescriptor(JsonElement element)
    {
        long size = element.GetProperty("size").GetInt64();
        return size < 0
            ? throw new ManifestException($"The manifest says of a layer that it has {size} bytes.")
            : new Descriptor(element.GetProperty("mediaType").GetString() ?? string.Empty, Digest.Parse(element.GetProperty("digest").GetString() ?? string.Empty), size)
            {
                Annotations = ReadAnnotations(element),
            };
    }

    private static Dictionary<string, string> ReadAnnotations(JsonElement element) =>
        element.TryGetProperty("annotations", out JsonElement annotations) && annotations.ValueKind == JsonValueKind.Object
            ? annotations.EnumerateObject().DistinctBy(annotation => annotation.Name).ToDictionary(annotation => annotation.Name, annotation => annotation.Value.GetString() ?? string.Empty)
            : [];
}
