using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Packaging;

/// <summary>Writes configs and manifests in Docker's and in the CNCF's format, with the members that Docker Model Runner writes and in its order.</summary>
internal static class PackageBuilder
{
    private const int ReadableByAll = 0b110_100_100;

    /// <summary>A model in Docker's format: weights, licences, projector, adapters, chat template (docker/model-spec).</summary>
    /// <exception cref="ManifestException">A path leads out of the model's folder.</exception>
    public static BuiltPackage BuildDocker(PackageContents contents)
    {
        List<(string Type, PackagedFile File)> layers =
        [
            .. contents.Weights.Select(file => (MediaTypes.Gguf, file)),
            .. contents.Licenses.Select(file => (MediaTypes.License, file)),
        ];
        if (contents.Projector is { } projector)
        {
            layers.Add((MediaTypes.Projector, projector));
        }

        layers.AddRange(contents.Adapters.Select(file => (MediaTypes.Lora, file)));
        if (contents.ChatTemplate is { } template)
        {
            layers.Add((MediaTypes.ChatTemplate, template));
        }

        GgufFacts facts = contents.Facts;
        JsonObject described = new() { ["format"] = "gguf" };
        AddText(described, "quantization", facts.FileType);
        described["parameters"] = Units.Parameters(facts.Parameters);
        AddText(described, "architecture", facts.Architecture);
        described["size"] = Units.Size(facts.Bytes);
        if (facts.Metadata.Count > 0)
        {
            IEnumerable<KeyValuePair<string, JsonNode?>> entries = facts.Metadata.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)JsonValue.Create(entry.Value)));
            described["gguf"] = new JsonObject(entries.OrderBy(entry => entry.Key, StringComparer.Ordinal));
        }

        if (contents.ContextSize is long context)
        {
            described["context_size"] = context;
        }

        JsonObject config = new()
        {
            ["config"] = described,
            ["descriptor"] = new JsonObject { ["created"] = GoJson.Time(contents.Created) },
            ["rootfs"] = new JsonObject { ["type"] = "rootfs", ["diff_ids"] = DigestsOf(layers) },
        };
        return Build(MediaTypes.DockerConfig, artifactType: null, config, layers, contents.Created);
    }

    /// <summary>A model in the CNCF's format: weights, projector and texts as they are, told apart by their names (ModelPack).</summary>
    /// <exception cref="PackageException">The format has no place for something.</exception>
    /// <exception cref="ManifestException">A path leads out of the model's folder.</exception>
    public static BuiltPackage BuildCncf(PackageContents contents)
    {
        RequireCncfPlace(contents.ContextSize, contents.Adapters.Count);
        List<(string Type, PackagedFile File)> layers =
        [
            .. contents.Weights.Select(file => (MediaTypes.CncfWeight, file)),
            .. contents.Licenses.Select(file => (MediaTypes.CncfDocument, Rename(file, LayerClassifier.IsLicenseName(file.Path), $"LICENSE-{file.Path}"))),
        ];
        if (contents.Projector is { } projector)
        {
            layers.Add((MediaTypes.CncfWeight, Rename(projector, LayerClassifier.IsProjectorName(projector.Path), $"mmproj-{projector.Path}")));
        }

        if (contents.ChatTemplate is { } template)
        {
            layers.Add((MediaTypes.CncfWeightConfig, Rename(template, LayerClassifier.IsTemplateName(template.Path), "chat_template.jinja")));
        }

        GgufFacts facts = contents.Facts;
        JsonObject descriptor = new() { ["createdAt"] = GoJson.Time(contents.Created) };
        AddText(descriptor, "family", facts.Architecture);
        JsonObject described = [];
        AddText(described, "architecture", facts.Architecture);
        described["format"] = "gguf";
        described["paramSize"] = Units.Parameters(facts.Parameters);
        AddText(described, "quantization", facts.FileType);
        JsonObject config = new()
        {
            ["descriptor"] = descriptor,
            ["modelfs"] = new JsonObject { ["type"] = "layers", ["diffIds"] = DigestsOf(layers) },
            ["config"] = described,
        };
        return Build(MediaTypes.CncfConfig, MediaTypes.CncfArtifact, config, layers, contents.Created);
    }

    /// <summary>Refuses what a ModelPack cannot hold.</summary>
    /// <exception cref="PackageException">The format has no place for something.</exception>
    public static void RequireCncfPlace(long? contextSize, int adapters)
    {
        if (contextSize is not null)
        {
            throw new PackageException("The CNCF's format has no place for a context size; leave '--context-size' out, or package in Docker's format.");
        }

        if (adapters > 0)
        {
            throw new PackageException("The CNCF's format has no place for adapters; leave '--lora' out, or package in Docker's format.");
        }
    }

    private static BuiltPackage Build(string configType, string? artifactType, JsonObject config, List<(string Type, PackagedFile File)> layers, DateTimeOffset created)
    {
        byte[] configBytes = GoJson.Encode(config);
        JsonObject manifest = new() { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciManifest };
        AddText(manifest, "artifactType", artifactType);
        manifest["config"] = new JsonObject { ["mediaType"] = configType, ["size"] = configBytes.Length, ["digest"] = Digest.Of(configBytes).ToString() };
        manifest["layers"] = new JsonArray([.. layers.Select(layer => DescribeLayer(layer.Type, layer.File, created))]);
        Manifest built = Manifest.Read(GoJson.Encode(manifest));
        ModelInterpreter.Check(built);
        return new BuiltPackage(built, configBytes);
    }

    private static JsonObject DescribeLayer(string mediaType, PackagedFile file, DateTimeOffset created)
    {
        // Owner and mode are always the same: who packages a file shall not change what it is.
        JsonObject metadata = new()
        {
            ["name"] = file.Path[(file.Path.LastIndexOf('/') + 1)..],
            ["mode"] = ReadableByAll,
            ["uid"] = 0,
            ["gid"] = 0,
            ["size"] = file.Size,
            ["mtime"] = GoJson.Time(file.Modified ?? created),
            ["typeflag"] = 0,
        };
        return new JsonObject
        {
            ["mediaType"] = mediaType,
            ["size"] = file.Size,
            ["digest"] = file.Digest.ToString(),
            ["annotations"] = new JsonObject
            {
                [MediaTypes.FileTypeUntested] = "false",
                [MediaTypes.FileMetadata] = Encoding.UTF8.GetString(GoJson.Encode(metadata)),
                [MediaTypes.FilePath] = file.Path,
            },
        };
    }

    // The names are all that tells files of one type apart.
    private static PackagedFile Rename(PackagedFile file, bool isRecognised, string path) => isRecognised ? file : file with { Path = path };

    private static JsonArray DigestsOf(List<(string Type, PackagedFile File)> layers) => new([.. layers.Select(layer => (JsonNode?)JsonValue.Create(layer.File.Digest.ToString()))]);

    private static void AddText(JsonObject members, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            members[name] = text;
        }
    }
}
