namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>Where a contraction (<c>'s</c>, <c>'LL</c>, any case) is split off.</summary>
internal enum Contractions
{
    /// <summary>It is a match of its own.</summary>
    Alone,

    /// <summary>It ends the word before it.</summary>
    EndWord,

    /// <summary>It is nothing special.</summary>
    None,
}

/// <summary>What a word is; each may begin with one code point that is no letter, number or newline.</summary>
internal enum WordRule
{
    /// <summary><c>\p{L}+</c></summary>
    Letters,

    /// <summary><c>[\p{L}\p{M}]+</c></summary>
    LettersAndMarks,

    /// <summary>Capitals then small letters, as <c>U*D+|U+D*</c> where U is a letter but a-z and D a letter but A-Z.</summary>
    Cased,

    /// <summary><see cref="Cased"/> with marks as letters.</summary>
    CasedWithMarks,

    /// <summary><c>(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+</c>: words with the single spaces between them.</summary>
    Phrase,
}

/// <summary>What may follow a run of punctuation.</summary>
internal enum PunctuationTail
{
    /// <summary><c>[\r\n]*</c></summary>
    Newlines,

    /// <summary><c>[\r\n/]*</c></summary>
    NewlinesAndSlashes,

    /// <summary><c>[\r\n/]?</c></summary>
    OneNewlineOrSlash,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>How the expressions that descend from Llama 3's differ.</summary>
internal sealed record WordSplitterOptions
{
    /// <summary>Contractions.</summary>
    public Contractions Contractions { get; init; }

    /// <summary>Words.</summary>
    public WordRule Word { get; init; }

    /// <summary>The most digits in a piece: <c>\p{N}{1,3}</c>.</summary>
    public int MaxDigits { get; init; } = 3;

    /// <summary>What may follow punctuation.</summary>
    public PunctuationTail Tail { get; init; }

    /// <summary>Whether marks are kept out of punctuation.</summary>
    public bool MarksAreNotPunctuation { get; init; }
}
