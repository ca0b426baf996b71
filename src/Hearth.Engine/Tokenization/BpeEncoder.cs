using Hearth.Engine.Tokenization.PreTokenization;

namespace Hearth.Engine.Tokenization;

/// <summary>Byte-pair encoding: the pre-tokenizer cuts the text into words; in each, the neighbouring pair with the lowest rank merges
/// until none does.</summary>
internal sealed class BpeEncoder : TextEncoder
{
    private const int MaxUtf8 = 4;
    private const char EscapedSpace = '\u2581';
    private readonly Vocabulary _vocabulary;
    private readonly PreTokenizer _preTokenizer;
    private readonly MergeTable _merges;
    private readonly int[] _byteSymbols;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="preTokenizer">What cuts the text.</param>
    /// <param name="merges">The merges.</param>
    /// <param name="byteSymbols">The symbol of each byte, or -1; where tokens are raw UTF-8, of its <c>&lt;0xXX&gt;</c>.</param>
    public BpeEncoder(Vocabulary vocabulary, PreTokenizer preTokenizer, MergeTable merges, int[] byteSymbols)
    {
        _vocabulary = vocabulary;
        _preTokenizer = preTokenizer;
        _merges = merges;
        _byteSymbols = byteSymbols;
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens)
    {
        if (_preTokenizer.EscapeSpaces && text.Contains(' '))
        {
            char[] escaped = text.ToArray();
            escaped.AsSpan().Replace(' ', EscapedSpace);
            text = escaped;
        }

        buffers.Text.Set(text);
        List<int> ends = _preTokenizer.Split(buffers.Text, buffers.Ends, buffers.SpareEnds);
        int start = 0;
        foreach (int end in ends)
        {
            byte[] bytes = buffers.Bytes(checked((end - start) * MaxUtf8));
            int length = buffers.Text.WriteUtf8(start, end, bytes);
            EncodeWord(bytes.AsSpan(0, length), buffers.Merger, tokens);
            start = end;
        }
    }

    private void EncodeWord(ReadOnlySpan<byte> word, PairMerger merger, List<int> tokens)
    {
        if (_preTokenizer.IgnoreMerges || (_preTokenizer.WholeNewlines && word[0] == '\n'))
        {
            int whole = _vocabulary.Find(word);
            if (whole >= 0)
            {
                tokens.Add(whole);
                return;
            }
        }

        merger.Clear();
        for (int i = 0; i < word.Length;)
        {
            int length = _preTokenizer.RawUtf8 ? Utf8Text.LengthOf(word[i]) : 1;
            merger.Add(i, length, _preTokenizer.RawUtf8 ? _vocabulary.Matches.Find(word.Slice(i, length)) : _byteSymbols[word[i]]);
            i += length;
        }

        merger.Merge(new Rule(_merges));
        ReadOnlySpan<MergeSymbol> symbols = merger.Symbols;
        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            if ((uint)symbols[i].Id < (uint)_vocabulary.Size)
            {
                tokens.Add(symbols[i].Id);
                continue;
            }

            foreach (byte value in word.Slice(symbols[i].Start, symbols[i].Length))
            {
                if ((uint)_byteSymbols[value] < (uint)_vocabulary.Size)
                {
                    tokens.Add(_byteSymbols[value]);
                }
            }
        }
    }

    private readonly struct Rule(MergeTable merges) : IMergeRule
    {
        public bool TryMerge(in MergeSymbol left, in MergeSymbol right, out uint order, out int id)
        {
            id = -1;
            order = 0;
            return left.Id >= 0 && right.Id >= 0 && merges.TryGet(left.Id, right.Id, out order, out id);
        }
    }
}
