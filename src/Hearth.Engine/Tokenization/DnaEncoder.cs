namespace Hearth.Engine.Tokenization;

/// <summary>
/// Byte-pair encoding with sequences of nucleotides: between <c>&lt;dna&gt;</c> and <c>&lt;/dna&gt;</c> each six letters are a token, and
/// the last ones are filled up with A. The file has these tokens with U+E000 at their ends, so that they differ from words of the same
/// letters.
/// </summary>
internal sealed class DnaEncoder : TextEncoder
{
    /// <summary>What the file has at the end of each sequence.</summary>
    public const string Mark = "\uE000";

    private const string Open = "<dna>";
    private const string Close = "</dna>";
    private const string Other = "<oov>";
    private const int Letters = 6;
    private readonly TextEncoder _text;
    private readonly ByteStringTable _sequences;
    private readonly (int Open, int Close, int Other) _tokens;

    private DnaEncoder(TextEncoder text, ByteStringTable sequences, (int Open, int Close, int Other) tokens)
    {
        _text = text;
        _sequences = sequences;
        _tokens = tokens;
    }

    /// <summary>The id after which tokens are sequences, or that of no token when there are none.</summary>
    public static int SequencesAfter(string[] texts)
    {
        int other = Array.IndexOf(texts, Other);
        return other < 0 ? int.MaxValue : other;
    }

    /// <summary>Adds sequences to the encoding of text; where the vocabulary has none, it is left as it is.</summary>
    /// <param name="text">Encodes the text around them.</param>
    /// <param name="texts">The tokens' texts as the file has them.</param>
    public static TextEncoder Create(TextEncoder text, string[] texts)
    {
        (int Open, int Close, int Other) tokens = (Array.IndexOf(texts, Open), Array.IndexOf(texts, Close), Array.IndexOf(texts, Other));
        if (Math.Min(Math.Min(tokens.Open, tokens.Close), tokens.Other) < 0)
        {
            return text;
        }

        ByteStringTable sequences = new(0, 0);
        byte[] bytes = new byte[Letters * Utf8Text.MaxBytesPerChar];
        for (int id = 0; id < texts.Length; id++)
        {
            if (texts[id].Length == Letters + Mark.Length && texts[id].EndsWith(Mark, StringComparison.Ordinal))
            {
                sequences.GetOrAdd(bytes.AsSpan(0, Utf8Text.Encode(texts[id][..Letters], bytes)), id);
            }
        }

        return new DnaEncoder(text, sequences, tokens);
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens)
    {
        while (!text.IsEmpty)
        {
            int start = text.IndexOf(Open, StringComparison.Ordinal);
            if (start != 0)
            {
                _text.Encode(start < 0 ? text : text[..start], begins, buffers, tokens);
            }

            if (start < 0)
            {
                return;
            }

            tokens.Add(_tokens.Open);
            text = text[(start + Open.Length)..];
            int end = text.IndexOf(Close, StringComparison.Ordinal);
            AddSequence(buffers.Utf8(end < 0 ? text : text[..end]), tokens);
            if (end < 0)
            {
                return;
            }

            tokens.Add(_tokens.Close);
            text = text[(end + Close.Length)..];
            begins = false;
        }
    }

    private void AddSequence(ReadOnlySpan<byte> sequence, List<int> tokens)
    {
        Span<byte> letters = stackalloc byte[Letters];
        while (!sequence.IsEmpty)
        {
            letters.Fill((byte)'A');
            int count = Math.Min(Letters, sequence.Length);
            for (int i = 0; i < count; i++)
            {
                letters[i] = sequence[i] is >= (byte)'a' and <= (byte)'z' ? (byte)(sequence[i] & ~0x20) : sequence[i];
            }

            int id = _sequences.Find(letters);
            tokens.Add(id >= 0 ? id : _tokens.Other);
            sequence = sequence[count..];
        }
    }
}
