namespace Hearth.Store.Manifests;

/// <summary>Says what the layers of each format are.</summary>
internal static class LayerClassifier
{
    private const string CncfPrefix = "application/vnd.cncf.model.";
    private const string CncfWeightPrefix = CncfPrefix + "weight.";
    private static readonly string[] s_licenseNames = ["license", "licence", "copying", "notice"];

    /// <summary>What a layer is to a model.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="config">The media type of the manifest's config.</param>
    /// <param name="format">The format that the config says the weights have; null where it says none.</param>
    public static LayerRole Classify(Descriptor layer, string config, string? format) => layer.MediaType switch
    {
        MediaTypes.Gguf => config == MediaTypes.DockerFilesConfig && IsProjectorName(PathOf(layer)) ? LayerRole.Projector : LayerRole.Weights,
        MediaTypes.CncfGguf => IsProjectorName(PathOf(layer)) ? LayerRole.Projector : LayerRole.Weights,
        MediaTypes.Safetensors or MediaTypes.CncfSafetensors or MediaTypes.Dduf => LayerRole.ForeignWeights,
        MediaTypes.Lora => LayerRole.Adapter,
        MediaTypes.Projector or MediaTypes.SpecifiedProjector => LayerRole.Projector,
        MediaTypes.License => LayerRole.License,
        MediaTypes.ChatTemplate => IsJson(PathOf(layer)) ? LayerRole.Other : LayerRole.Template,
        MediaTypes.CncfWeight => ClassifyCncfWeight(PathOf(layer), format),
        MediaTypes.CncfWeightConfig => IsTemplateName(PathOf(layer)) ? LayerRole.Template : LayerRole.Other,
        MediaTypes.CncfDocument => PathOf(layer) is not { } path || IsLicenseName(path) ? LayerRole.License : LayerRole.Other,
        string type when type.StartsWith(CncfWeightPrefix, StringComparison.Ordinal) && type.Contains(".tar", StringComparison.Ordinal) => LayerRole.Archive,
        string type when type.StartsWith(MediaTypes.OllamaLayer, StringComparison.Ordinal) => ClassifyOllama(type[MediaTypes.OllamaLayer.Length..]),
        _ => LayerRole.Other,
    };

    /// <summary>The path that a layer is annotated with; null for none.</summary>
    public static string? PathOf(Descriptor layer) =>
        layer.Annotations.TryGetValue(MediaTypes.FilePath, out string? path) && path.Length > 0 ? path : null;

    /// <summary>Whether a ModelPack's reader takes a file of this name for a projector, as Docker's program does.</summary>
    public static bool IsProjectorName(string? path) => NameOf(path).Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a ModelPack's reader takes a file of this name for a chat template.</summary>
    public static bool IsTemplateName(string? path) =>
        NameOf(path).EndsWith(".jinja", StringComparison.OrdinalIgnoreCase) || (NameOf(path).Contains("chat_template", StringComparison.OrdinalIgnoreCase) && !IsJson(path));

    /// <summary>Whether a ModelPack's reader takes a file of this name for a licence.</summary>
    public static bool IsLicenseName(string path) => s_licenseNames.Any(name => NameOf(path).Contains(name, StringComparison.OrdinalIgnoreCase));

    private static LayerRole ClassifyCncfWeight(string? path, string? format) => Path.GetExtension(NameOf(path)).ToLowerInvariant() switch
    {
        ".gguf" => IsProjectorName(path) ? LayerRole.Projector : LayerRole.Weights,
        ".safetensors" or ".dduf" => LayerRole.ForeignWeights,
        _ when format is not (null or "gguf") => LayerRole.ForeignWeights,
        _ => IsProjectorName(path) ? LayerRole.Projector : LayerRole.Weights,
    };

    private static LayerRole ClassifyOllama(string kind) => kind switch
    {
        "model" => LayerRole.Weights,
        "tensor" => LayerRole.ForeignWeights,
        "projector" => LayerRole.Projector,
        "adapter" => LayerRole.Adapter,
        "template" or "prompt" => LayerRole.Template,
        "system" => LayerRole.System,
        "params" => LayerRole.Parameters,
        "messages" => LayerRole.Messages,
        "license" => LayerRole.License,
        _ => LayerRole.Other,
    };

    private static bool IsJson(string? path) => NameOf(path).EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static string NameOf(string? path) => path is null ? string.Empty : path[(path.LastIndexOf('/') + 1)..];
}
