namespace Hearth.Engine.Grammar.Masks;

/// <summary>
/// The tokens of a vocabulary as a tree over their bytes, in arrays: the nodes lie in the order of a walk, so that a walk is a loop, and leaving a
/// node out is a jump.
/// </summary>
internal sealed class TokenTrie
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly int[] _tokens;
    private readonly byte[] _labels;
    private readonly byte[] _depths;
    private readonly int[] _ends;
    private readonly int[] _firstTokens;
    private readonly int[] _places;

    /// <param name="vocabularySize">Tokens that there are.</param>
    /// <param name="bytesOf">What a token writes; nothing for those that must not be used.</param>
    public TokenTrie(int vocabularySize, Func<int, byte[]> bytesOf)
    {
        VocabularySize = vocabularySize;
        byte[][] texts = new byte[vocabularySize][];
        List<int> tokens = [];
        for (int token = 0; token < vocabularySize; token++)
        {
            texts[token] = bytesOf(token);
            if (texts[token].Length is > 0 and < GrammarLimits.TokenBytes)
            {
                tokens.Add(token);
            }
        }

        tokens.Sort((left, right) =>
        {
            int order = texts[left].AsSpan().SequenceCompareTo(texts[right]);
            return order != 0 ? order : left.CompareTo(right);
        });
        _tokens = [.. tokens];
        _starts = new int[_tokens.Length + 1];
        for (int i = 0; i < _tokens.Length; i++)
        {
            _starts[i + 1] = _starts[i] + texts[_tokens[i]].Length;
        }

        _bytes = new byte[_starts[^1]];
        _places = new int[vocabularySize];
        Array.Fill(_places, -1);
        List<byte> labels = [];
        List<byte> depths = [];
        List<int> firstTokens = [];
        List<int> open = [];
        List<int> ends = [];
        for (int i = 0; i < _tokens.Length; i++)
        {
            byte[] text = texts[_tokens[i]];
            _places[_tokens[i]] = i;
            text.CopyTo(_bytes.AsSpan(_starts[i]));
            int common = i == 0 ? 0 : text.AsSpan().CommonPrefixLength(texts[_tokens[i - 1]]);
            Close(common);
            for (int depth = common; depth < text.Length; depth++)
            {
                open.Add(labels.Count);
                labels.Add(text[depth]);
                depths.Add((byte)depth);
                firstTokens.Add(i);
                ends.Add(0);
            }
        }

        Close(0);
        firstTokens.Add(_tokens.Length);
        _labels = [.. labels];
        _depths = [.. depths];
        _ends = [.. ends];
        _firstTokens = [.. firstTokens];

        void Close(int depth)
        {
            for (; open.Count > depth; open.RemoveAt(open.Count - 1))
            {
                ends[open[^1]] = labels.Count;
            }
        }
    }

    /// <summary>Tokens of the vocabulary.</summary>
    public int VocabularySize { get; }

    /// <summary>Nodes of the tree.</summary>
    public int NodeCount => _labels.Length;

    /// <summary>The byte that leads to a node.</summary>
    public byte Label(int node) => _labels[node];

    /// <summary>Bytes in front of a node's.</summary>
    public int Depth(int node) => _depths[node];

    /// <summary>The first node that is not below a node.</summary>
    public int End(int node) => _ends[node];

    /// <summary>The tokens that end at a node: those in front of the next node's.</summary>
    public ReadOnlySpan<int> Tokens(int node) => _tokens.AsSpan(_firstTokens[node], _firstTokens[node + 1] - _firstTokens[node]);

    /// <summary>The bytes that lead to a node, its own included.</summary>
    public ReadOnlySpan<byte> Path(int node) => _bytes.AsSpan(_starts[_firstTokens[node]], _depths[node] + 1);

    /// <summary>Whether a token may be used.</summary>
    public bool Contains(int token) => (uint)token < (uint)_places.Length && _places[token] >= 0;

    /// <summary>The bytes of a token that may be used.</summary>
    public ReadOnlySpan<byte> Bytes(int token) => _bytes.AsSpan(_starts[_places[token]], _starts[_places[token] + 1] - _starts[_places[token]]);

    /// <summary>The node that some bytes lead to, or -1.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        int node = 0;
        int end = NodeCount;
        for (int depth = 0; depth < bytes.Length; depth++)
        {
            while (node < end && _labels[node] != bytes[depth])
            {
                node = _ends[node];
            }

            if (node >= end)
            {
                return -1;
            }

            if (depth == bytes.Length - 1)
            {
                return node;
            }

            end = _ends[node];
            node++;
        }

        return -1;
    }
}
