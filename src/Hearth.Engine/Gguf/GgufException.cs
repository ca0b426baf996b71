using Hearth.Engine.Errors;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Gguf;

/// <summary>A GGUF file, or a value in it, cannot be used. <see cref="Kind"/> says why; the message also says what to do.</summary>
public sealed class GgufException : Exception
{
    private const string Damaged = "The file is damaged or incomplete: download it again.";

    private GgufException(
        GgufErrorKind kind, string message, string? subject = null, long? offset = null, string? path = null, Exception? inner = null)
        : base(ErrorMessage.Limit(message), inner)
    {
        Kind = kind;
        Subject = subject;
        Offset = offset;
        Path = path;
    }

    /// <summary>The cause.</summary>
    public GgufErrorKind Kind { get; }

    /// <summary>The key or tensor that it is about.</summary>
    public string? Subject { get; }

    /// <summary>Where in the file it was found, in bytes.</summary>
    public long? Offset { get; }

    /// <summary>The file.</summary>
    public string? Path { get; }

    /// <summary>There is no file at the path.</summary>
    public static GgufException FileNotFound(string path) =>
        new(GgufErrorKind.FileNotFound, $"'{path}' does not exist; give the path of a .gguf file.", path: path);

    /// <summary>The path is a folder.</summary>
    public static GgufException IsFolder(string path) =>
        new(GgufErrorKind.IsFolder, $"'{path}' is a folder; give the path of a .gguf file.", path: path);

    /// <summary>The file may not be read.</summary>
    public static GgufException AccessDenied(string path, Exception inner) =>
        new(GgufErrorKind.AccessDenied, $"'{path}' may not be read by this user; change the file's permissions.", path: path, inner: inner);

    /// <summary>The file has no bytes.</summary>
    public static GgufException EmptyFile(string path) =>
        new(GgufErrorKind.EmptyFile, $"'{path}' is empty (0 bytes), not a GGUF file. {Damaged}", path: path);

    /// <summary>The system could not read or map the file.</summary>
    public static GgufException Unreadable(string path, Exception inner) =>
        new(GgufErrorKind.Unreadable, $"'{path}' cannot be read: {inner.Message}", path: path, inner: inner);

    /// <summary>The file does not begin with <c>GGUF</c>.</summary>
    public static GgufException NotGguf(string found) =>
        new(GgufErrorKind.NotGguf, $"This is not a GGUF file: it begins with {found}, and a GGUF file begins with \"GGUF\".", offset: 0);

    /// <summary>The version is not 2 or 3.</summary>
    public static GgufException UnsupportedVersion(uint version) =>
        new(GgufErrorKind.UnsupportedVersion, $"GGUF version {version} is not supported; versions 2 and 3 are. "
            + (version <= 1 ? "Convert the model again with a current converter." : "A newer Hearth may read it."), offset: 4);

    /// <summary>The file is big-endian.</summary>
    public static GgufException BigEndian() =>
        new(
            GgufErrorKind.BigEndian,
            "This is a big-endian GGUF file; only little-endian files are supported. Convert it, or download the little-endian file.",
            offset: 4);

    /// <summary>The file ends inside the header.</summary>
    public static GgufException Truncated(string what, long offset, long needed, long available) =>
        new(
            GgufErrorKind.Truncated,
            $"The file ends inside its header: {what} at byte {offset} needs {needed} bytes and {available} are left. {Damaged}",
            offset: offset);

    /// <summary>A count in the header is more than the rest of the file can hold.</summary>
    public static GgufException CountTooLarge(string what, ulong count, long offset, long available) =>
        new(
            GgufErrorKind.CountTooLarge,
            $"The header says {count} {what} at byte {offset}, but the {available} bytes that follow cannot hold them. {Damaged}",
            offset: offset);

    /// <summary>A key is empty, too long or not UTF-8.</summary>
    public static GgufException InvalidKey(string problem, long offset) =>
        new(GgufErrorKind.InvalidKey, $"The metadata key at byte {offset} {problem}. {Damaged}", offset: offset);

    /// <summary>A key is there twice.</summary>
    public static GgufException DuplicateKey(string key) =>
        new(GgufErrorKind.DuplicateKey, $"The metadata has the key '{Short(key)}' twice; a key must be unique.", Short(key));

    /// <summary>A value's type is not one of the specification's.</summary>
    public static GgufException UnknownValueType(string key, uint type, long offset) =>
        new(
            GgufErrorKind.UnknownValueType,
            $"The metadata key '{Short(key)}' has the value type {type} at byte {offset}; types are 0 to 12. {Damaged}",
            Short(key), offset);

    /// <summary>A boolean is neither 0 nor 1.</summary>
    public static GgufException InvalidBoolean(string key, byte value, long offset) =>
        new(
            GgufErrorKind.InvalidBoolean,
            $"The metadata key '{Short(key)}' has a boolean of value {value} at byte {offset}; it must be 0 or 1. {Damaged}",
            Short(key), offset);

    /// <summary>Arrays inside arrays go too deep.</summary>
    public static GgufException NestingTooDeep(string key, int limit) =>
        new(GgufErrorKind.NestingTooDeep, $"The metadata key '{Short(key)}' nests arrays deeper than {limit} levels.", Short(key));

    /// <summary>A value is there, but of another type than its key requires.</summary>
    public static GgufException WrongValueType(string key, string expected, string found) =>
        new(GgufErrorKind.WrongValueType, $"The metadata key '{Short(key)}' must be {expected}, but it is {found}.", Short(key));

    /// <summary>A required key is absent.</summary>
    public static GgufException MissingKey(string key) =>
        new(GgufErrorKind.MissingKey, $"The metadata has no key '{Short(key)}', which this model needs.", Short(key));

    /// <summary><c>general.alignment</c> is not a sane power of two.</summary>
    public static GgufException InvalidAlignment(string found, long minimum, long maximum) =>
        new(
            GgufErrorKind.InvalidAlignment,
            $"general.alignment is {found}; it must be a power of two from {minimum} to {maximum}, of type u32.",
            "general.alignment");

    /// <summary>A tensor's name is empty, too long or not UTF-8.</summary>
    public static GgufException InvalidTensorName(string problem, long offset) =>
        new(GgufErrorKind.InvalidTensorName, $"The tensor name at byte {offset} {problem}. {Damaged}", offset: offset);

    /// <summary>A tensor's name is there twice.</summary>
    public static GgufException DuplicateTensor(string name) =>
        new(GgufErrorKind.DuplicateTensor, $"There are two tensors named '{name}'; a name must be unique.", name);

    /// <summary>A tensor has too many dimensions, or one that is zero or too large.</summary>
    public static GgufException InvalidDimensions(string name, string problem) =>
        new(GgufErrorKind.InvalidDimensions, $"Tensor '{name}' {problem}.", name);

    /// <summary>A tensor's type is not known.</summary>
    public static GgufException UnknownTensorType(string name, uint type) =>
        new(
            GgufErrorKind.UnknownTensorType,
            $"Tensor '{name}' has the type {type}, which is not known. A newer Hearth may read it; otherwise the file is damaged.",
            name);

    /// <summary>A tensor's type is one that ggml has removed, or never stores.</summary>
    public static GgufException RetiredTensorType(string name, uint type, string typeName) =>
        new(
            GgufErrorKind.RetiredTensorType,
            $"Tensor '{name}' has the type {type} ({typeName}), which is not, or no longer, used in files. Quantise the model again, "
            + $"or download a current file.",
            name);

    /// <summary>A tensor's row is not a whole number of its type's blocks.</summary>
    public static GgufException PartialBlock(string name, TensorTypeInfo type, long columns) =>
        new(
            GgufErrorKind.PartialBlock,
            $"Tensor '{name}' has rows of {columns} elements, not a multiple of {type.Name}'s block of {type.BlockElements}. {Damaged}",
            name);

    /// <summary>A tensor's data does not begin at a multiple of the alignment.</summary>
    public static GgufException TensorMisaligned(string name, ulong offset, long alignment) =>
        new(
            GgufErrorKind.TensorMisaligned,
            $"Tensor '{name}' is at data offset {offset}, not a multiple of the alignment {alignment}. {Damaged}",
            name);

    /// <summary>A tensor's data is not inside the file.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="offset">Where its data begins, in bytes from the beginning of the file.</param>
    /// <param name="length">Bytes of its data.</param>
    /// <param name="fileLength">Bytes of the file.</param>
    public static GgufException TensorOutOfBounds(string name, UInt128 offset, UInt128 length, long fileLength) =>
        new(
            GgufErrorKind.TensorOutOfBounds,
            $"Tensor '{name}' needs bytes {offset} to {offset + length}, but the file has {fileLength}. {Damaged}",
            name,
            offset <= long.MaxValue ? (long)offset : null);

    /// <summary>Two tensors' data overlap.</summary>
    public static GgufException TensorsOverlap(string first, string second, long offset) =>
        new(
            GgufErrorKind.TensorsOverlap,
            $"The data of the tensors '{first}' and '{second}' overlap at byte {offset}. {Damaged}",
            second, offset);

    /// <summary>A part of a split model is not there.</summary>
    public static GgufException SplitPartMissing(string part, int number, int count) =>
        new(
            GgufErrorKind.SplitPartMissing,
            $"Part {number} of {count} of this model is not there: '{part}'. Put all parts into one folder.",
            part, path: part);

    /// <summary>A part of a split model does not belong to the others.</summary>
    public static GgufException SplitMismatch(string part, string problem) =>
        new(GgufErrorKind.SplitMismatch, $"'{part}' {problem}.", part, path: part);

    /// <summary>A required tensor is absent.</summary>
    public static GgufException MissingTensor(string name) =>
        new(GgufErrorKind.MissingTensor, $"The file has no tensor '{name}', which this model needs.", name);

    /// <summary>A tensor has another shape than what it is used for.</summary>
    public static GgufException WrongTensorShape(string name, string expected, string found) =>
        new(GgufErrorKind.WrongTensorShape, $"Tensor '{name}' must be {expected}, but it is {found}.", name);

    /// <summary>The same error, naming the file.</summary>
    internal GgufException In(string path) => Path is null ? new(Kind, $"'{path}': {Message}", Subject, Offset, path, this) : this;

    private static string Short(string key) => key.Length <= 100 ? key : string.Concat(key.AsSpan(0, 100), "...");
}
