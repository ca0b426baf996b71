using System.Text.Unicode;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// SentencePiece's BPE: characters merge to the neighbouring pair with the highest score until no pair is a token; what is no token then is
/// written as bytes.
/// </summary>
internal sealed class SpmEncoder : TextEncoder
{
    private const int EscapedSpaceLength = 3;
    private readonly Vocabulary _vocabulary;
    private readonly uint[] _orders;
    private readonly int[] _byteTokens;
    private readonly bool _addSpacePrefix;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="byteTokens">The token of each byte, or -1.</param>
    /// <param name="addSpacePrefix">Whether a text that begins the prompt or follows a special token gets a leading space.</param>
    public SpmEncoder(Vocabulary vocabulary, int[] byteTokens, bool addSpacePrefix)
    {
        _vocabulary = vocabulary;
        _byteTokens = byteTokens;
        _addSpacePrefix = addSpacePrefix;
        _orders = Array.ConvertAll(vocabulary.Scores, OrderOf);
    }

    private static ReadOnlySpan<byte> EscapedSpace => "\u2581"u8;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens)
    {
        bool prefix = begins && _addSpacePrefix;
        byte[] buffer = buffers.Bytes(checked((text.Length + 1) * Utf8Text.MaxBytesPerChar));
        Span<byte> bytes = buffer;
        int length = 0;
        if (prefix)
        {
            EscapedSpace.CopyTo(bytes);
            length = EscapedSpaceLength;
        }

        while (!text.IsEmpty)
        {
            int space = text.IndexOf(' ');
            Utf8.FromUtf16(space < 0 ? text : text[..space], bytes[length..], out _, out int written, replaceInvalidSequences: true);
            length += written;
            if (space < 0)
            {
                break;
            }

            EscapedSpace.CopyTo(bytes[length..]);
            length += EscapedSpaceLength;
            text = text[(space + 1)..];
        }

        Merge(buffer, length, buffers.Merger, tokens);
    }

    private void Merge(byte[] buffer, int byteCount, PairMerger merger, List<int> tokens)
    {
        ReadOnlySpan<byte> bytes = buffer.AsSpan(0, byteCount);
        merger.Clear();
        for (int i = 0; i < bytes.Length;)
        {
            int length = Utf8Text.LengthOf(bytes[i]);
            merger.Add(i, length, _vocabulary.Find(bytes.Slice(i, length)));
            i += length;
        }

        if (merger.Count == 0)
        {
            return;
        }

        merger.Merge(new Rule(this, buffer));
        ReadOnlySpan<MergeSymbol> symbols = merger.Symbols;
        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            if (symbols[i].Id >= 0)
            {
                tokens.Add(symbols[i].Id);
                continue;
            }

            foreach (byte value in bytes.Slice(symbols[i].Start, symbols[i].Length))
            {
                if (_byteTokens[value] >= 0)
                {
                    tokens.Add(_byteTokens[value]);
                }
            }
        }
    }

    // An unsigned number that ascends where the score descends; both zeros are the same score.
    private static uint OrderOf(float score)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x80000000) != 0 ? bits : ~(bits | 0x80000000);
    }

    private readonly struct Rule(SpmEncoder encoder, byte[] bytes) : IMergeRule
    {
        public bool TryMerge(in MergeSymbol left, in MergeSymbol right, out uint order, out int id)
        {
            id = encoder._vocabulary.Find(bytes.AsSpan(left.Start, left.Length + right.Length));
            order = id >= 0 ? encoder._orders[id] : 0;
            return id >= 0;
        }
    }
}
