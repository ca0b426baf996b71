using Hearth.Engine.Errors;

namespace Hearth.Engine.Models;

/// <summary>Why a model cannot be used.</summary>
public enum ModelErrorKind
{
    /// <summary>The architecture is not one that Hearth runs.</summary>
    UnsupportedArchitecture,

    /// <summary>The architecture is known, but the file uses a feature of it that Hearth does not run.</summary>
    UnsupportedFeature,

    /// <summary>A metadata entry that the architecture needs is missing, or its value makes no sense.</summary>
    InvalidMetadata,

    /// <summary>A tensor that the architecture needs is missing, has another shape, or is not known to the architecture.</summary>
    InvalidTensor,

    /// <summary>The file has weights but no vocabulary (or no weights), so that text cannot be processed.</summary>
    NoVocabulary,
}

/// <summary>A model file that is a sound GGUF file but cannot be run.</summary>
public sealed class ModelException : Exception
{
    private ModelException(ModelErrorKind kind, string message)
        : base(ErrorMessage.Limit(message)) => Kind = kind;

    /// <summary>The cause.</summary>
    public ModelErrorKind Kind { get; }

    internal static ModelException UnsupportedArchitecture(string architecture, IEnumerable<string> supported) =>
        new(ModelErrorKind.UnsupportedArchitecture, $"The model's architecture is '{architecture}', which Hearth does not run yet. Supported: {string.Join(", ", supported)}.");

    internal static ModelException UnsupportedFeature(string architecture, string feature) =>
        new(ModelErrorKind.UnsupportedFeature, $"This '{architecture}' model uses {feature}, which Hearth does not run yet.");

    internal static ModelException MissingMetadata(string key) =>
        new(ModelErrorKind.InvalidMetadata, $"The model file lacks the metadata entry '{key}', which its architecture needs. The file is incomplete; download or convert it again.");

    internal static ModelException InvalidMetadata(string key, string found, string expected) =>
        new(ModelErrorKind.InvalidMetadata, $"The model file's '{key}' is {found}; expected {expected}.");

    internal static ModelException MissingTensor(string name) =>
        new(ModelErrorKind.InvalidTensor, $"The model file lacks the tensor '{name}', which its architecture needs. The file is incomplete; download or convert it again.");

    internal static ModelException TensorShape(string name, string found, string expected) =>
        new(ModelErrorKind.InvalidTensor, $"The tensor '{name}' has the shape {found}; expected {expected}.");

    internal static ModelException NotFinite(string name) =>
        new(ModelErrorKind.InvalidTensor, $"The tensor '{name}' has values that are not finite numbers. The file is broken; download or convert it again.");

    internal static ModelException UnusedTensors(string architecture, IReadOnlyCollection<string> names) =>
        new(
            ModelErrorKind.InvalidTensor,
            $"The model file has {names.Count} tensors that the architecture '{architecture}' does not use, so its answers would be wrong: {string.Join(", ", names.Take(5))}{(names.Count > 5 ? ", ..." : ".")}");

    internal static ModelException NoVocabulary(string path) =>
        new(ModelErrorKind.NoVocabulary, $"'{path}' has no vocabulary, so it cannot read or write text.");

    internal static ModelException NoLogits(string architecture) =>
        new(ModelErrorKind.UnsupportedFeature, $"The model's architecture '{architecture}' is an encoder: it embeds text and cannot continue it.");

    internal static ModelException ContextBeyondPositions(int asked, int positions) =>
        new(ModelErrorKind.UnsupportedFeature, $"The model has a table of {positions} positions, so its context cannot be {asked}. Ask for at most {positions}.");

    internal static ModelException NoWeights(string path) =>
        new(ModelErrorKind.InvalidTensor, $"'{path}' has no weights: it holds a vocabulary only.");
}
