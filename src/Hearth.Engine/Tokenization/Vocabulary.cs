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

    /// <summary>The most bytes of a token in a trie; it bounds the work at each place of a text.</summary>
    public const int MaxTrieTokenBytes = 1024;

    /// <summary>Whether text may become a token: control tokens stand for no text, so text never does, even where it reads the
    /// same.</summary>
    public bool IsText(int id) =>
        (Attributes[id] & (TokenAttributes.Control | TokenAttributes.Unknown | TokenAttributes.Byte)) == 0 && !FileControls.Contains(id);

    /// <summary>Makes a trie of tokens that text may become; user-defined ones that look like a marker are left out.</summary>
    /// <param name="includes">Which of them.</param>
    /// <param name="fromTexts">Whether the tokens match their texts, not the bytes that they write.</param>
    /// <exception cref="TokenizerException">A token is too long.</exception>
    public ByteTrie BuildTrie(Func<int, bool> includes, bool fromTexts)
    {
        ByteTrie.Builder builder = new();
        byte[] buffer = new byte[VocabularyReader.MaxTokenBytes * Utf8Text.MaxBytesPerChar];
        for (int id = 0; id < Size; id++)
        {
            bool isMarker = (Attributes[id] & TokenAttributes.UserDefined) != 0 && SpecialTokenTexts.IsMarker(Texts[id]);
            if (!IsText(id) || isMarker || !includes(id))
            {
                continue;
            }

            ReadOnlySpan<byte> text = fromTexts ? buffer.AsSpan(0, Utf8Text.Encode(Texts[id], buffer)) : Piece(id);
            if (text.Length > MaxTrieTokenBytes)
            {
                throw TokenizerException.TokenTooLong(id, text.Length, MaxTrieTokenBytes);
            }

            if (!text.IsEmpty)
            {
                builder.Add(text, id);
            }
        }

        return builder.Build();
    }

    /// <summary>The token that matches some bytes, or -1.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        int id = Matches.Find(bytes);
        return id < Size ? id : -1;
    }
}
