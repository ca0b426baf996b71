namespace Hearth.Engine.Conversion;

/// <summary>Why a model folder could not be converted.</summary>
public enum ConversionErrorKind
{
    /// <summary>There is no such folder.</summary>
    FolderNotFound,

    /// <summary>A file that is needed is not in the folder.</summary>
    MissingFile,

    /// <summary>A file is damaged, too large, or not of its format.</summary>
    InvalidFile,

    /// <summary>A value in a JSON file is missing, or not what it must be.</summary>
    InvalidValue,

    /// <summary>The model's type is not one that can be converted.</summary>
    UnsupportedModel,

    /// <summary>The model uses something that a GGUF file of its architecture cannot say.</summary>
    UnsupportedSetting,

    /// <summary>The tokenizer is of a kind that cannot be converted.</summary>
    UnsupportedTokenizer,

    /// <summary>A tensor has no place in the architecture.</summary>
    UnknownTensor,

    /// <summary>A tensor that the architecture needs is absent.</summary>
    MissingTensor,

    /// <summary>A tensor has another shape than its use asks for.</summary>
    TensorShape,

    /// <summary>A tensor's elements are of a type that holds no weights.</summary>
    UnsupportedTensorType,

    /// <summary>The type to write is not known.</summary>
    UnknownFileType,

    /// <summary>The pre-tokenizer that was asked for is not known.</summary>
    UnknownPreTokenizer,

    /// <summary>The file to write is there.</summary>
    FileExists,

    /// <summary>A tensor has a value that its new type cannot hold.</summary>
    ValueOutOfRange,
}
