using System.Text.Json.Nodes;
using Hearth.Store.References;

namespace Hearth.Store.Manifests;

/// <summary>Says what a manifest means, whoever has packaged it.</summary>
internal static class ModelInterpreter
{
    /// <summary>Refuses what is no model before any layer is fetched, and layers whose paths lead out of their folder.</summary>
    /// <exception cref="ManifestException">It is of something else, or not safe.</exception>
    public static void Check(Manifest manifest)
    {
        PackageFormat package = PackageOf(manifest);
        if (manifest.Config.Size > ConfigReader.MaxBytes)
        {
            throw new ManifestException($"The manifest says that the model's config has {manifest.Config.Size} bytes; more than {ConfigReader.MaxBytes} are not read.");
        }

        foreach (Descriptor layer in manifest.Layers)
        {
            LayerPath.Check(layer);
        }

        LayerRole[] roles = [.. manifest.Layers.Select(layer => LayerClassifier.Classify(layer, manifest.Config.MediaType, format: null))];
        if (Array.IndexOf(roles, LayerRole.Archive) is >= 0 and int archive)
        {
            Descriptor packed = manifest.Layers[archive];
            throw new ManifestException(
                $"The model's layer {packed.Digest.Abbreviated} is an archive ('{ConfigReader.Printable(packed.MediaType)}'), which is not unpacked; "
                + "package the model with its files as they are ('.raw').",
                isUnsupported: true);
        }

        if (!roles.Any(role => role is LayerRole.Weights or LayerRole.ForeignWeights))
        {
            throw new ManifestException(
                package == PackageFormat.Ollama ? "The model has no weights: it only points to one that runs in Ollama's cloud." : "The model has no weights.",
                isUnsupported: package == PackageFormat.Ollama);
        }
    }

    /// <summary>What a model's config says.</summary>
    /// <exception cref="ManifestException">The config is broken.</exception>
    public static ModelFacts ReadFacts(Manifest manifest, ReadOnlyMemory<byte> config) => ConfigReader.Read(manifest, PackageOf(manifest), config);

    /// <summary>Where a model's files are, and what was packaged beside them.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="facts">What its config says.</param>
    /// <param name="locate">Gives the file of a content.</param>
    /// <param name="readText">Reads a small content: its digest, and the bytes that it may have.</param>
    /// <exception cref="ManifestException">It makes no sense: two projectors, a part that is missing, ...</exception>
    public static ModelContent Open(Manifest manifest, ModelFacts facts, Func<Digest, string> locate, Func<Digest, int, byte[]> readText)
    {
        ILookup<LayerRole, Descriptor> layers = manifest.Layers.ToLookup(layer => LayerClassifier.Classify(layer, manifest.Config.MediaType, facts.Format));
        if (!layers.Contains(LayerRole.Weights))
        {
            throw new ManifestException(
                layers.Contains(LayerRole.ForeignWeights)
                    ? $"The model's weights are in the format '{ForeignFormat(facts)}', and Hearth runs GGUF files; 'hearth convert' makes one of safetensors weights."
                    : "The model has no weights.",
                isUnsupported: true);
        }

        PackageTexts texts = new(readText);
        JsonObject? parameters = texts.ReadParameters(layers[LayerRole.Parameters]);
        return new ModelContent
        {
            Facts = facts.ContextSize is null && PackageTexts.ContextOf(parameters) is long context ? facts with { ContextSize = context } : facts,
            Weights = [.. ShardOrder.Sort([.. layers[LayerRole.Weights]]).Select(part => locate(part.Digest))],
            Projector = AtMostOne(layers[LayerRole.Projector], "projectors") is { } projector ? locate(projector.Digest) : null,
            Adapters = [.. layers[LayerRole.Adapter].Select(adapter => locate(adapter.Digest))],
            Template = facts.Package == PackageFormat.Ollama
                ? texts.ReadTemplate(layers[LayerRole.Template].LastOrDefault(), language: null)
                : texts.ReadTemplate(AtMostOne(layers[LayerRole.Template], "chat templates"), TemplateLanguage.Jinja),
            System = texts.ReadLast(layers[LayerRole.System], "instructions"),
            Parameters = parameters,
            Messages = texts.ReadMessages(layers[LayerRole.Messages]),
            Licenses = texts.ReadLicenses(layers[LayerRole.License]),
        };
    }

    private static PackageFormat PackageOf(Manifest manifest) => manifest.Config.MediaType switch
    {
        MediaTypes.DockerConfig or MediaTypes.DockerFilesConfig => PackageFormat.Docker,
        MediaTypes.CncfConfig => PackageFormat.Cncf,
        MediaTypes.OllamaConfig when manifest.Layers.Any(layer => layer.MediaType.StartsWith(MediaTypes.OllamaLayer, StringComparison.Ordinal)) => PackageFormat.Ollama,
        _ => throw new ManifestException($"The reference is of {Describe(manifest)}, not of a model that Hearth knows.", isUnsupported: true),
    };

    private static string Describe(Manifest manifest) => manifest.Config.MediaType switch
    {
        MediaTypes.OllamaConfig or "application/vnd.oci.image.config.v1+json" => "a container image",
        "application/vnd.docker.plugin.v1+json" => "a plugin of Docker",
        "application/vnd.cncf.helm.config.v1+json" => "a Helm chart",
        "application/vnd.wasm.config.v0+json" or "application/vnd.wasm.config.v1+json" => "a WebAssembly module",
        string type when type.StartsWith("application/vnd.docker.ai.model.config.", StringComparison.Ordinal) =>
            $"a model in a later version of Docker's format ('{ConfigReader.Printable(type)}'; v0.1 and v0.2 are known)",
        string type when type.StartsWith("application/vnd.cncf.model.config.", StringComparison.Ordinal) =>
            $"a model in a later version of the CNCF's format ('{ConfigReader.Printable(type)}'; v1 is known)",
        "application/vnd.oci.empty.v1+json" when manifest.ArtifactType is { Length: > 0 } artifact => $"an artifact of the type '{ConfigReader.Printable(artifact)}'",
        string type => $"an artifact whose config has the type '{ConfigReader.Printable(type)}'",
    };

    private static string ForeignFormat(ModelFacts facts) => facts.Format == "gguf" ? "safetensors" : facts.Format;

    private static Descriptor? AtMostOne(IEnumerable<Descriptor> layers, string what) => layers.Take(2).ToArray() switch
    {
        [] => null,
        [Descriptor only] => only,
        _ => throw new ManifestException($"The model has two {what}, and nothing says which of them is meant."),
    };
}
