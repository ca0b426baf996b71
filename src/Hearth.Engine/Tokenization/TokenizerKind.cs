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

    /// <summary>SentencePiece's unigram model (T5): the tokens with the highest sum of scores.</summary>
    Ugm,

    /// <summary>RWKV: the longest token of bytes first.</summary>
    Rwkv,

    /// <summary>PLaMo 2: the tokens with the highest sum of scores, from the end on, with bytes for what is no token.</summary>
    Plamo2,
}
