using System.Globalization;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Quantization;

/// <summary>Why a model could not be quantised.</summary>
public enum QuantizationErrorKind
{
    /// <summary>There is no file type of that name, or none that can be written.</summary>
    UnknownFileType,

    /// <summary>There is no tensor type of that name, or none that can be written.</summary>
    UnknownTensorType,

    /// <summary>A rule for tensors is not PATTERN=TYPE, or its pattern is not a regular expression.</summary>
    InvalidRule,

    /// <summary>The file to write is the file to read.</summary>
    SameFile,

    /// <summary>The file to write is there.</summary>
    FileExists,

    /// <summary>A tensor is quantised already.</summary>
    AlreadyQuantized,

    /// <summary>A tensor has a value that its new type cannot hold.</summary>
    ValueOutOfRange,
}

/// <summary>A model cannot be quantised as asked. <see cref="Kind"/> says why; the message also says what to do.</summary>
public sealed class QuantizationException : Exception
{
    private QuantizationException(QuantizationErrorKind kind, string message, string subject, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Subject = subject;
    }

    /// <summary>The cause.</summary>
    public QuantizationErrorKind Kind { get; }

    /// <summary>The name, tensor or path that it is about.</summary>
    public string Subject { get; }

    /// <summary>Whether what was asked for makes no sense, whatever the model.</summary>
    public bool IsUsage =>
        Kind is QuantizationErrorKind.UnknownFileType or QuantizationErrorKind.UnknownTensorType or QuantizationErrorKind.InvalidRule;

    internal static QuantizationException UnknownFileType(string name) =>
        new(
            QuantizationErrorKind.UnknownFileType,
            $"'{name}' is not a file type that can be written; these are: {string.Join(", ", FileType.Writable)}.",
            name);

    internal static QuantizationException UnknownTensorType(string name) =>
        new(
            QuantizationErrorKind.UnknownTensorType,
            $"'{name}' is not a tensor type that can be written; these are: "
            + string.Join(", ", QuantizationPlan.WritableTypes.Select(type => TensorTypes.Get(type).Name)) + ".",
            name);

    internal static QuantizationException InvalidRule(string text) =>
        new(QuantizationErrorKind.InvalidRule, $"'{text}' is not PATTERN=TYPE, such as ffn_down=Q6_K.", text);

    internal static QuantizationException InvalidPattern(string pattern, Exception inner) =>
        new(
            QuantizationErrorKind.InvalidRule, $"'{pattern}' is not a regular expression of those allowed: {inner.Message}", pattern, inner);

    internal static QuantizationException SameFile(string path) =>
        new(QuantizationErrorKind.SameFile, $"'{path}' is the model that is read; write to another file.", path);

    internal static QuantizationException FileExists(string path) =>
        new(QuantizationErrorKind.FileExists, $"'{path}' exists; give another name, or --force to replace it.", path);

    internal static QuantizationException AlreadyQuantized(string tensor, TensorType type, TensorType target) =>
        new(
            QuantizationErrorKind.AlreadyQuantized,
            $"Tensor '{tensor}' is {type}, quantised already; rounding it again to {target} loses more than quantising the F16 or F32 "
            + "model. Use that model, or --requantize.",
            tensor);

    internal static QuantizationException ValueOutOfRange(string tensor, long index, float value, TensorType target) =>
        new(
            QuantizationErrorKind.ValueOutOfRange,
            $"Tensor '{tensor}' has the value {value.ToString(CultureInfo.InvariantCulture)} at element {index}, which {target} cannot "
            + "hold. "
            + (float.IsFinite(value)
                ? "Keep the tensor with --tensor-type, or choose BF16."
                : "The model is damaged: convert or download it again."),
            tensor);
}
