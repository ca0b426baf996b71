using System.Globalization;
using Hearth.Engine.Errors;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Conversion;

/// <summary>A model folder cannot be converted. <see cref="Kind"/> says why; the message also says what to do.</summary>
public sealed class ConversionException : Exception
{
    private ConversionException(ConversionErrorKind kind, string message, string subject, Exception? inner = null)
        : base(ErrorMessage.Limit(message), inner)
    {
        Kind = kind;
        Subject = subject;
    }

    /// <summary>The cause.</summary>
    public ConversionErrorKind Kind { get; }

    /// <summary>The path, tensor, key or name that it is about.</summary>
    public string Subject { get; }

    internal static ConversionException FolderNotFound(string folder) =>
        new(
            ConversionErrorKind.FolderNotFound,
            $"'{folder}' is not a folder; give the folder of a Hugging Face model, with config.json and .safetensors files.",
            folder);

    internal static ConversionException MissingFile(string folder, string names) =>
        new(ConversionErrorKind.MissingFile, $"The folder '{folder}' has no {names}, which the conversion needs.", names);

    internal static ConversionException InvalidFile(string path, string problem, Exception? inner = null) =>
        new(ConversionErrorKind.InvalidFile, $"'{path}' cannot be used: {problem}", path, inner);

    internal static ConversionException InvalidValue(string path, string key, string problem) =>
        new(ConversionErrorKind.InvalidValue, $"'{path}': {key} {problem}.", key);

    internal static ConversionException UnsupportedModel(string modelType, IEnumerable<string> supported) =>
        new(
            ConversionErrorKind.UnsupportedModel,
            $"Models of the type '{modelType}' cannot be converted; these can: {string.Join(", ", supported)}.",
            modelType);

    internal static ConversionException UnsupportedSetting(string key, string problem) =>
        new(ConversionErrorKind.UnsupportedSetting, $"config.json: {key} {problem}.", key);

    internal static ConversionException UnsupportedTokenizer(string subject, string problem) =>
        new(ConversionErrorKind.UnsupportedTokenizer, $"The tokenizer cannot be converted: {problem}.", subject);

    internal static ConversionException UnrecognizedPreTokenizer(string definition, IEnumerable<string> known) =>
        new(
            ConversionErrorKind.UnsupportedTokenizer,
            $"The pre_tokenizer of tokenizer.json is not one that is known: {Short(definition)}. If it is the same as one of these, "
            + $"give its name with --pre: {string.Join(", ", known)}.",
            definition);

    internal static ConversionException UnknownPreTokenizer(string name, IEnumerable<string> known) =>
        new(
            ConversionErrorKind.UnknownPreTokenizer,
            $"'{name}' is not the name of a pre-tokenizer; these are: {string.Join(", ", known)}.",
            name);

    internal static ConversionException UnknownTensor(string name, string architecture) =>
        new(
            ConversionErrorKind.UnknownTensor,
            $"Tensor '{name}' has no place in a GGUF file of the architecture '{architecture}'; a model that needs it cannot be converted.",
            name);

    internal static ConversionException DuplicateTensor(string name) =>
        new(ConversionErrorKind.UnknownTensor, $"Tensor '{name}' is there twice; each must be in one file, under one name.", name);

    internal static ConversionException MissingTensor(string name, string? instead = null) =>
        new(
            ConversionErrorKind.MissingTensor,
            $"The folder has no tensor '{name}', which this model needs{instead}. Download all of its .safetensors files.",
            name);

    internal static ConversionException TensorShape(string name, string expected, string found) =>
        new(ConversionErrorKind.TensorShape, $"Tensor '{name}' must be {expected}, but it is {found}.", name);

    internal static ConversionException UnsupportedTensorType(string name, string type) =>
        new(
            ConversionErrorKind.UnsupportedTensorType,
            $"Tensor '{name}' has elements of the type {type}; weights must be F32, F16, BF16 or F64. "
            + "Convert the model that was not quantised.",
            name);

    internal static ConversionException UnknownFileType(string name) =>
        new(
            ConversionErrorKind.UnknownFileType,
            $"'{name}' is not a type that can be written here; these are: {string.Join(", ", ConversionOptions.FileTypes)}. "
            + "For smaller ones, convert first and then run hearth quantize.",
            name);

    internal static ConversionException FileExists(string path) =>
        new(ConversionErrorKind.FileExists, $"'{path}' exists; give another name, or --force to replace it.", path);

    internal static ConversionException ValueOutOfRange(string tensor, long index, double value, TensorType type) =>
        new(
            ConversionErrorKind.ValueOutOfRange,
            $"Tensor '{tensor}' has the value {value.ToString(CultureInfo.InvariantCulture)} at element {index}, which {type} cannot hold. "
            + (double.IsFinite(value) ? "Choose BF16 or F32." : "The model is damaged: download it again."),
            tensor);

    private static string Short(string text) => text.Length <= 400 ? text : string.Concat(text.AsSpan(0, 400), "...");
}
