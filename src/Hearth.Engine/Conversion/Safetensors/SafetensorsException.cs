using Hearth.Engine.Errors;

namespace Hearth.Engine.Conversion.Safetensors;

/// <summary>Why a safetensors file cannot be read.</summary>
public enum SafetensorsErrorKind
{
    /// <summary>The file is not there, or cannot be opened.</summary>
    Unreadable,

    /// <summary>The header's length is more than the file has, or more than a header may have.</summary>
    HeaderLength,

    /// <summary>The header is not the JSON that it must be.</summary>
    HeaderSyntax,

    /// <summary>A tensor's name, type or shape cannot be.</summary>
    InvalidTensor,

    /// <summary>A tensor's data are not inside the file, or not as long as its shape says.</summary>
    TensorOutOfBounds,

    /// <summary>The tensors' data overlap, or leave bytes between them.</summary>
    TensorLayout,
}

/// <summary>A safetensors file is damaged, or none. <see cref="Kind"/> says why.</summary>
public sealed class SafetensorsException : Exception
{
    private const string Damaged = "The file is damaged or incomplete: download it again.";

    private SafetensorsException(SafetensorsErrorKind kind, string path, string message, string? tensor = null, Exception? inner = null)
        : base(ErrorMessage.Limit($"'{path}': {message}"), inner)
    {
        Kind = kind;
        Path = path;
        Tensor = tensor;
    }

    /// <summary>The cause.</summary>
    public SafetensorsErrorKind Kind { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensor that it is about.</summary>
    public string? Tensor { get; }

    internal static SafetensorsException Unreadable(string path, Exception inner) =>
        new(SafetensorsErrorKind.Unreadable, path, $"it cannot be read: {inner.Message}", inner: inner);

    internal static SafetensorsException HeaderLength(string path, ulong length, long limit) =>
        new(
            SafetensorsErrorKind.HeaderLength,
            path,
            $"the header should have {length} bytes, but at most {limit} are possible. {Damaged}");

    internal static SafetensorsException TooShort(string path, long length) =>
        new(SafetensorsErrorKind.HeaderLength, path, $"the file has {length} bytes, too few for a safetensors file. {Damaged}");

    internal static SafetensorsException HeaderSyntax(string path, string problem, Exception? inner = null) =>
        new(SafetensorsErrorKind.HeaderSyntax, path, $"the header {problem}. {Damaged}", inner: inner);

    internal static SafetensorsException InvalidTensor(string path, string tensor, string problem) =>
        new(SafetensorsErrorKind.InvalidTensor, path, $"tensor '{tensor}' {problem}.", tensor);

    internal static SafetensorsException OutOfBounds(string path, string tensor, long begin, long end, long length) =>
        new(
            SafetensorsErrorKind.TensorOutOfBounds,
            path,
            $"tensor '{tensor}' has its data from byte {begin} to {end}, but there are {length} bytes of data. {Damaged}",
            tensor);

    internal static SafetensorsException WrongLength(string path, string tensor, long length, string needed) =>
        new(
            SafetensorsErrorKind.TensorOutOfBounds,
            path,
            $"tensor '{tensor}' has {length} bytes of data, but its type and shape need {needed}. {Damaged}",
            tensor);

    internal static SafetensorsException Layout(string path, string tensor, long expected, long found) =>
        new(
            SafetensorsErrorKind.TensorLayout,
            path,
            $"the data of tensor '{tensor}' begin at byte {found}, but those before it end at byte {expected}. {Damaged}",
            tensor);

    internal static SafetensorsException Trailing(string path, long expected, long length) =>
        new(SafetensorsErrorKind.TensorLayout, path, $"the tensors end at byte {expected} of {length} bytes of data. {Damaged}");
}
