namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>The values of <c>tokenizer.ggml.token_type</c>; those of SentencePiece are the same.</summary>
internal enum VocabularyTokenType
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>Stands for what cannot be encoded.</summary>
    Unknown = 2,

    /// <summary>Has a meaning and no text.</summary>
    Control = 3,

    /// <summary>A text that is always one token.</summary>
    UserDefined = 4,

    /// <summary>A row that no text leads to.</summary>
    Unused = 5,

    /// <summary>A single byte.</summary>
    Byte = 6,
}

/// <summary>A token.</summary>
/// <param name="Text">The text, as the kind of vocabulary writes it.</param>
/// <param name="Score">How early it is merged; 0 is first.</param>
/// <param name="Type">What it is.</param>
internal readonly record struct VocabularyToken(string Text, float Score, VocabularyTokenType Type)
{
    /// <summary>The score of tokens that were added to a vocabulary of scores.</summary>
    public const float AddedScore = -1000;

    private const float UnusedScore = -10_000;

    /// <summary>A row of the embedding without a token.</summary>
    public static VocabularyToken Unused(int id) => new($"[PAD{id}]", UnusedScore, VocabularyTokenType.Unused);

    /// <summary>As many of them as there are rows.</summary>
    public static VocabularyToken[] Rows(int count) => [.. Enumerable.Range(0, count).Select(Unused)];
}
