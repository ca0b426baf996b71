namespace Hearth.Engine.Tokenization;

/// <summary>Why a tokenizer cannot be made or used.</summary>
public enum TokenizerErrorKind
{
    /// <summary>A required metadata key is absent.</summary>
    MissingKey,

    /// <summary><c>tokenizer.ggml.model</c> names no known kind.</summary>
    UnknownModel,

    /// <summary><c>tokenizer.ggml.pre</c> names no known pre-tokenizer.</summary>
    UnknownPreTokenizer,

    /// <summary>An array has another length than the vocabulary.</summary>
    LengthMismatch,

    /// <summary>Two tokens have the same text.</summary>
    DuplicateToken,

    /// <summary>A token's text is too long.</summary>
    TokenTooLong,

    /// <summary>There are no tokens, or more than a token id can number.</summary>
    VocabularySize,

    /// <summary>A token id is not in the vocabulary.</summary>
    TokenOutOfRange,

    /// <summary><c>tokenizer.ggml.precompiled_charsmap</c> cannot be used.</summary>
    CharacterMap,

    /// <summary>A byte has no token of its own, where each must have one.</summary>
    MissingByteToken,

    /// <summary>The model has no vocabulary (<c>no_vocab</c>), so there is no text.</summary>
    NoVocabulary,
}
