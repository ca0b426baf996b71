namespace Hearth.Engine.Tokenization;

/// <summary>How a vocabulary's tokens match text.</summary>
public enum TokenizerKind
{
    /// <summary>There is no vocabulary: the model is used with token ids only.</summary>
    None,

    /// <summary>SentencePiece's BPE: merges by score, with bytes for what is no token.</summary>
    Spm,

    /// <summary>Byte-pair encoding: merges by rank, inside the words of a pre-tokenizer.</summary>
    Bpe,

    /// <summary>WordPiece: the longest token first.</summary>
    Wpm,
}
