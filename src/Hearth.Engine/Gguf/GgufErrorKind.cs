namespace Hearth.Engine.Gguf;

/// <summary>Why a GGUF file, or a value in it, could not be used.</summary>
public enum GgufErrorKind
{
    /// <summary>There is no file at the path.</summary>
    FileNotFound,

    /// <summary>The path is a folder.</summary>
    IsFolder,

    /// <summary>The file may not be read.</summary>
    AccessDenied,

    /// <summary>The file has no bytes.</summary>
    EmptyFile,

    /// <summary>The system could not read or map the file.</summary>
    Unreadable,

    /// <summary>The file does not begin with <c>GGUF</c>.</summary>
    NotGguf,

    /// <summary>The version is not 2 or 3.</summary>
    UnsupportedVersion,

    /// <summary>The file is big-endian.</summary>
    BigEndian,

    /// <summary>The file ends inside the header.</summary>
    Truncated,

    /// <summary>A count in the header is more than the rest of the file can hold.</summary>
    CountTooLarge,

    /// <summary>A key is empty, too long or not UTF-8.</summary>
    InvalidKey,

    /// <summary>A key is there twice.</summary>
    DuplicateKey,

    /// <summary>A value's type is not one of the specification's.</summary>
    UnknownValueType,

    /// <summary>A boolean is neither 0 nor 1.</summary>
    InvalidBoolean,

    /// <summary>Arrays inside arrays go too deep.</summary>
    NestingTooDeep,

    /// <summary>A value is there, but of another type than its key requires.</summary>
    WrongValueType,

    /// <summary>A required key is absent.</summary>
    MissingKey,

    /// <summary><c>general.alignment</c> is not a sane power of two.</summary>
    InvalidAlignment,

    /// <summary>A tensor's name is empty, too long or not UTF-8.</summary>
    InvalidTensorName,

    /// <summary>A tensor's name is there twice.</summary>
    DuplicateTensor,

    /// <summary>A tensor has too many dimensions, or one that is zero or too large.</summary>
    InvalidDimensions,

    /// <summary>A tensor's type is not known.</summary>
    UnknownTensorType,

    /// <summary>A tensor's type is one that ggml has removed, or never stores.</summary>
    RetiredTensorType,

    /// <summary>A tensor's row is not a whole number of its type's blocks.</summary>
    PartialBlock,

    /// <summary>A tensor's data does not begin at a multiple of the alignment.</summary>
    TensorMisaligned,

    /// <summary>A tensor's data is not inside the file.</summary>
    TensorOutOfBounds,

    /// <summary>Two tensors' data overlap.</summary>
    TensorsOverlap,

    /// <summary>A part of a split model is not there.</summary>
    SplitPartMissing,

    /// <summary>A part of a split model does not belong to the others.</summary>
    SplitMismatch,

    /// <summary>A required tensor is absent.</summary>
    MissingTensor,

    /// <summary>A tensor has another shape than what it is used for.</summary>
    WrongTensorShape,
}
