using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Cli.Tests;

/// <summary>A model as Docker, or as Ollama, packages it, in an archive to be loaded. Its weights are no network.</summary>
internal sealed record TestModel
{
    private const string OllamaModel = MediaTypes.OllamaLayer + "model";

    public byte[] Weights { get; init; } = [.. "GGUF weights of a test"u8];

    public string Architecture { get; init; } = "llama";

    public string Parameters { get; init; } = "361.82M";

    public string Quantization { get; init; } = "Q4_K_M";

    public DateTimeOffset Created { get; init; } = new(2026, 6, 10, 12, 0, 0, TimeSpan.Zero);

    public long? ContextSize { get; init; }

    /// <summary>Layers of Ollama's: kinds (<c>params</c>, <c>template</c>, <c>system</c>, ...) and texts; null for Docker's format.</summary>
    public IReadOnlyList<(string Kind, string Text)>? OllamaLayers { get; init; }

    /// <summary>An OCI image layout as tar.</summary>
    public MemoryStream ToArchive(string reference)
    {
        List<(string MediaType, byte[] Bytes)> layers = OllamaLayers is null
            ? [(MediaTypes.Gguf, Weights)]
            : [(OllamaModel, Weights), .. OllamaLayers.Select(layer => (MediaTypes.OllamaLayer + layer.Kind, Encoding.UTF8.GetBytes(layer.Text)))];
        byte[] config = Encoding.UTF8.GetBytes((OllamaLayers is null ? DockerConfig() : OllamaConfig()).ToJsonString());
        string configType = OllamaLayers is null ? MediaTypes.DockerConfig : MediaTypes.OllamaConfig;
        byte[] manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Descriptor(configType, config),
            ["layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)Descriptor(layer.MediaType, layer.Bytes))]),
        }.ToJsonString());
        JsonObject entry = Descriptor(MediaTypes.OciManifest, manifest);
        entry["annotations"] = new JsonObject { ["io.containerd.image.name"] = ModelReference.Parse(reference).ToString() };
        JsonObject index = new() { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(entry) };
        MemoryStream archive = new();
        using (TarWriter writer = new(archive, leaveOpen: true))
        {
            Add(writer, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8);
            foreach (byte[] blob in layers.Select(layer => layer.Bytes).Append(config).Append(manifest).DistinctBy(bytes => Digest.Of(bytes)))
            {
                Add(writer, $"blobs/sha256/{Digest.Of(blob).Hex}", blob);
            }

            Add(writer, "index.json", Encoding.UTF8.GetBytes(index.ToJsonString()));
        }

        archive.Position = 0;
        return archive;
    }

    private JsonObject DockerConfig()
    {
        JsonObject config = new()
        {
            ["format"] = "gguf",
            ["architecture"] = Architecture,
            ["parameters"] = Parameters,
            ["quantization"] = Quantization,
            ["size"] = "22B",
            ["gguf"] = new JsonObject { ["general.architecture"] = Architecture, [$"{Architecture}.context_length"] = "8192" },
        };
        if (ContextSize is long size)
        {
            config["context_size"] = size;
        }

        return new JsonObject { ["config"] = config, ["descriptor"] = new JsonObject { ["created"] = Created.ToString("O") } };
    }

    private JsonObject OllamaConfig() => new()
    {
        ["model_format"] = "gguf",
        ["model_family"] = Architecture,
        ["model_type"] = Parameters,
        ["file_type"] = Quantization,
    };

    private static JsonObject Descriptor(string mediaType, byte[] bytes) =>
        new() { ["mediaType"] = mediaType, ["digest"] = Digest.Of(bytes).ToString(), ["size"] = bytes.Length };

    private static void Add(TarWriter writer, string name, ReadOnlySpan<byte> content) =>
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content.ToArray()) });
}
