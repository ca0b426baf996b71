namespace Hearth.Engine.Tokenization;

/// <summary>The tokens that have a meaning of their own, by id; null when the vocabulary has none.</summary>
public sealed record SpecialTokens
{
    /// <summary>No special tokens.</summary>
    public static SpecialTokens None { get; } = new();

    /// <summary>Begin of sequence (BERT: the classification token).</summary>
    public int? Bos { get; init; }

    /// <summary>End of sequence.</summary>
    public int? Eos { get; init; }

    /// <summary>End of turn.</summary>
    public int? Eot { get; init; }

    /// <summary>End of message: the turn goes on after a tool's answer.</summary>
    public int? Eom { get; init; }

    /// <summary>Stands for text that the vocabulary cannot express.</summary>
    public int? Unknown { get; init; }

    /// <summary>Separator of two texts.</summary>
    public int? Separator { get; init; }

    /// <summary>Padding.</summary>
    public int? Padding { get; init; }

    /// <summary>The masked place.</summary>
    public int? Mask { get; init; }

    /// <summary>Fill-in-the-middle: before the text that precedes the gap.</summary>
    public int? FimPrefix { get; init; }

    /// <summary>Fill-in-the-middle: before the text that follows the gap.</summary>
    public int? FimSuffix { get; init; }

    /// <summary>Fill-in-the-middle: where the missing text is to be written.</summary>
    public int? FimMiddle { get; init; }

    /// <summary>Fill-in-the-middle: padding.</summary>
    public int? FimPadding { get; init; }

    /// <summary>Fill-in-the-middle: before the repository's name.</summary>
    public int? FimRepository { get; init; }

    /// <summary>Fill-in-the-middle: between files.</summary>
    public int? FimSeparator { get; init; }

    /// <summary>Whether a prompt begins with <see cref="Bos"/>.</summary>
    public bool AddBos { get; init; }

    /// <summary>Whether a prompt ends with <see cref="Eos"/>.</summary>
    public bool AddEos { get; init; }

    /// <summary>Whether a prompt ends with <see cref="Separator"/>.</summary>
    public bool AddSep { get; init; }

    /// <summary>The tokens that end an answer.</summary>
    public IReadOnlySet<int> EndOfGeneration { get; init; } = new HashSet<int>();
}
