using System.Text;

namespace Hearth.Training.Vocabulary;

/// <summary>
/// A byte-level BPE vocabulary: the control tokens, the 256 bytes, then one token per merge, so that its size is
/// 3 + 256 + merges.
/// </summary>
internal sealed class BpeVocabulary
{
    /// <summary>Padding; also the (never added) begin of text.</summary>
    public const int EndOfText = 0;

    /// <summary>Begins a message.</summary>
    public const int MessageStart = 1;

    /// <summary>Ends a message, and the answer.</summary>
    public const int MessageEnd = 2;

    /// <summary>Tokens before the first merge.</summary>
    public const int BaseTokens = 3 + 256;

    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<(string Left, string Right), int> _ranks = [];
    private readonly Dictionary<string, int[]> _cache = [];
    private readonly List<string> _tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <summary>The vocabulary of an ordered list of merges.</summary>
    public BpeVocabulary(IReadOnlyList<(string Left, string Right)> merges)
    {
        Merges = merges;
        foreach (char character in ByteLevel.Alphabet)
        {
            _tokens.Add(character.ToString());
        }

        for (int rank = 0; rank < merges.Count; rank++)
        {
            _ranks.Add(merges[rank], rank);
            _tokens.Add(merges[rank].Left + merges[rank].Right);
        }

        for (int id = 0; id < _tokens.Count; id++)
        {
            _ids.Add(_tokens[id], id);
        }
    }

    /// <summary>The merges, first learned first.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <summary>The tokens in the byte-level alphabet, by id; the first three are control tokens.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The ids of a text that holds no control token.</summary>
    public List<int> Encode(string text)
    {
        List<int> ids = [];
        foreach (string piece in ByteLevel.Pieces(text))
        {
            if (!_cache.TryGetValue(piece, out int[]? cached))
            {
                _cache[piece] = cached = EncodePiece(piece);
            }

            ids.AddRange(cached);
        }

        return ids;
    }

    /// <summary>The text of ids; control tokens give nothing.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        List<byte> bytes = [];
        foreach (int id in ids.Where(id => id > MessageEnd))
        {
            foreach (char character in _tokens[id])
            {
                bytes.Add((byte)ByteLevel.Alphabet.IndexOf(character));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private int[] EncodePiece(string piece)
    {
        List<string> symbols = [.. piece.Select(character => character.ToString())];
        while (true)
        {
            int best = -1;
            int bestRank = int.MaxValue;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                if (_ranks.TryGetValue((symbols[i], symbols[i + 1]), out int rank) && rank < bestRank)
                {
                    (best, bestRank) = (i, rank);
                }
            }

            if (best < 0)
            {
                return [.. symbols.Select(symbol => _ids[symbol])];
            }

            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }
    }
}
