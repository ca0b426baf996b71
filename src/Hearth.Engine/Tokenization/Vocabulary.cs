namespace Hearth.Engine.Tokenization;

/// <summary>The tokens: their texts, what they are, the bytes that they write, and a look-up from the bytes that they match.</summary>
internal sealed class Vocabulary
{
    /// <summary>The token's texts as the file has them.</summary>
    public required string[] Texts { get; init; }

    /// <summary>What each token is.</summary>
    public required TokenAttributes[] Attributes { get; init; }

    /// <summary>How much each token is preferred, higher first; empty where merges say so.</summary>
    public required float[] Scores { get; init; }

    /// <summary>From the bytes that a token matches in a text to its id; ids of <see cref="Size"/> and more are not tokens.</summary>
    public required ByteStringTable Matches { get; init; }

    /// <summary>The bytes that all tokens write, one after another.</summary>
    public required byte[] Pieces { get; init; }

    /// <summary>Where each token's bytes begin in <see cref="Pieces"/>, and the end of the last.</summary>
    public required int[] PieceStarts { get; init; }

    /// <summary>Tokens that the file marks as control, whatever became of them.</summary>
    public required HashSet<int> FileControls { get; init; }

    /// <summary>The number of tokens.</summary>
    public int Size => Texts.Length;

    /// <summary>The bytes that a token writes.</summary>
    public ReadOnlySpan<byte> Piece(int id) => Pieces.AsSpan(PieceStarts[id], PieceStarts[id + 1] - PieceStarts[id]);

    /// <summary>The token that matches some bytes, or -1.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        int id = Matches.Find(bytes);
        return id < Size ? id : -1;
    }
}
