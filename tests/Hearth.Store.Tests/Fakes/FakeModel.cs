using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Tests.Fakes;

/// <summary>Manifests, configs and contents of models that are none.</summary>
internal static class FakeModel
{
    /// <summary>Bytes that differ from seed to seed and do not repeat.</summary>
    public static byte[] Content(int length, int seed = 1)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    public static byte[] Config(params byte[][] weights) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["config"] = new JsonObject { ["format"] = "gguf", ["quantization"] = "Q4_K_M", ["parameters"] = "1M", ["architecture"] = "llama", ["size"] = "1MiB" },
        ["descriptor"] = new JsonObject { ["created"] = "2026-01-02T03:04:05Z" },
        ["rootfs"] = new JsonObject { ["type"] = "rootfs", ["diff_ids"] = new JsonArray([.. weights.Select(layer => (JsonNode)Digest.Of(layer).ToString())]) },
    }.ToJsonString());

    public static byte[] Manifest(string configType, byte[] config, params byte[][] weights) => Manifest(configType, config, null, weights);

    public static byte[] Manifest(string configType, byte[] config, string? layerPath, params byte[][] weights) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciManifest,
        ["config"] = Descriptor(configType, config, null),
        ["layers"] = new JsonArray([.. weights.Select(layer => (JsonNode)Descriptor(MediaTypes.Gguf, layer, layerPath))]),
    }.ToJsonString());

    private static JsonObject Descriptor(string mediaType, byte[] content, string? path)
    {
        JsonObject descriptor = new() { ["mediaType"] = mediaType, ["digest"] = Digest.Of(content).ToString(), ["size"] = content.Length };
        if (path is not null)
        {
            descriptor["annotations"] = new JsonObject { [MediaTypes.FilePath] = path };
        }

        return descriptor;
    }
}
