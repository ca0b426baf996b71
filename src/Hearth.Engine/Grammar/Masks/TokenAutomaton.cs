using System.Text;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Machine;

namespace Hearth.Engine.Grammar.Masks;

/// <summary>
/// A grammar over the tokens of one vocabulary. What a place in the grammar allows is found by one walk through the tree of all tokens, without
/// regard to who waits for the ends of rules, and kept; only tokens that reach such an end are looked at again (Dong and others, XGrammar,
/// arXiv:2411.15100). Any number of threads may use it.
/// </summary>
internal sealed class TokenAutomaton
{
    private const long MaxMaskBytes = 16L << 20;
    private const int MaxForcedBytes = 1024;
    private readonly Lock _lock = new();
    private readonly ConfigurationTable _table;
    private readonly TokenTrie _trie;
    private readonly Func<string, List<int>> _encode;
    private readonly int[] _endTokens;
    private readonly Configuration[] _path = new Configuration[GrammarLimits.TokenBytes + 1];
    private long _maskBytes;

    /// <param name="automaton">The grammar.</param>
    /// <param name="trie">The tokens that write text.</param>
    /// <param name="endTokens">The tokens that end an answer.</param>
    /// <param name="encode">Encodes text that continues a text.</param>
    public TokenAutomaton(PushdownAutomaton automaton, TokenTrie trie, IEnumerable<int> endTokens, Func<string, List<int>> encode)
    {
        _table = new ConfigurationTable(automaton);
        _trie = trie;
        _endTokens = [.. endTokens];
        _encode = encode;
    }

    /// <summary>The beginning of an answer.</summary>
    public Configuration Begin()
    {
        lock (_lock)
        {
            _table.BeginWork();
            return _table.Initial;
        }
    }

    /// <summary>What follows a token.</summary>
    /// <returns>The places after it, or null when the token is not allowed there.</returns>
    /// <exception cref="GrammarException">The grammar is too ambiguous there.</exception>
    public Configuration? Advance(Configuration from, int token)
    {
        if (!_trie.Contains(token))
        {
            return null;
        }

        lock (_lock)
        {
            _table.BeginWork();
            Configuration current = from;
            foreach (byte value in _trie.Bytes(token))
            {
                current = _table.Next(current, value);
                if (current.IsDead)
                {
                    return null;
                }
            }

            return current;
        }
    }

    /// <summary>The tokens that may follow, those that end the answer included where it may end.</summary>
    /// <exception cref="GrammarException">The grammar is too ambiguous there, or no token of the vocabulary can follow.</exception>
    public TokenMask Mask(Configuration configuration)
    {
        lock (_lock)
        {
            return configuration.Mask ?? Compute(configuration);
        }
    }

    /// <summary>The tokens that must follow, as far as they are certain.</summary>
    public int[] Forced(Configuration configuration)
    {
        lock (_lock)
        {
            if (configuration.Forced is null)
            {
                _table.BeginWork(GrammarLimits.MaskWork);
                configuration.Forced = FindForced(configuration);
            }

            return configuration.Forced;
        }
    }

    private TokenMask Compute(Configuration configuration)
    {
        if (_maskBytes > MaxMaskBytes)
        {
            _table.Clear();
            _maskBytes = 0;
        }

        _table.BeginWork(GrammarLimits.MaskWork);
        Configuration places = _table.LocalOf(configuration);
        LocalMask local = places.LocalMask ??= ComputeLocal(places);
        ulong[] bits = [.. local.Bits];
        foreach (int node in local.Open)
        {
            Configuration current = configuration;
            ReadOnlySpan<byte> path = _trie.Path(node);
            for (int i = 0; i < path.Length - 1 && !current.IsDead; i++)
            {
                current = _table.Next(current, path[i]);
            }

            if (!current.IsDead)
            {
                Walk(current, node, _trie.End(node), bits, open: null);
            }
        }

        foreach (int token in configuration.IsAccepting ? _endTokens : [])
        {
            bits[token / 64] |= 1UL << (token % 64);
        }

        TokenMask mask = new(bits);
        if (mask.Count == 0)
        {
            throw GrammarException.NoToken();
        }

        _maskBytes += mask.Length;
        configuration.Mask = mask;
        return mask;
    }

    private LocalMask ComputeLocal(Configuration places)
    {
        ulong[] bits = new ulong[(_trie.VocabularySize + 63) / 64];
        List<int> open = [];
        Walk(places, 0, _trie.NodeCount, bits, open);
        _maskBytes += bits.Length * sizeof(ulong);
        return new LocalMask(bits, [.. open]);
    }

    // Follows all tokens of a part of the tree, whose first node has a single byte from the start on.
    private void Walk(Configuration start, int first, int end, ulong[] bits, List<int>? open)
    {
        if (first >= end)
        {
            return;
        }

        int openEnd = 0;
        _path[_trie.Depth(first)] = start;
        for (int node = first; node < end;)
        {
            int depth = _trie.Depth(node);
            Configuration next = _table.Next(_path[depth], _trie.Label(node));
            if (next.IsEscaped && open is not null && node >= openEnd)
            {
                open.Add(node);
                openEnd = _trie.End(node);
            }

            if (next.IsLive || next.IsAccepting)
            {
                foreach (int token in _trie.Tokens(node))
                {
                    bits[token / 64] |= 1UL << (token % 64);
                }
            }

            if (next.IsLive)
            {
                _path[depth + 1] = next;
                node++;
            }
            else
            {
                node = _trie.End(node);
            }
        }
    }

    private int[] FindForced(Configuration from)
    {
        List<byte> bytes = [];
        Configuration current = from;
        while (bytes.Count < MaxForcedBytes && _table.OnlyByte(current) is int only and >= 0)
        {
            bytes.Add((byte)only);
            current = _table.Next(current, (byte)only);
        }

        if (bytes.Count == 0)
        {
            return [];
        }

        byte[] text = [.. bytes];
        List<int> tokens = Encode(text);
        List<int> starts = [];
        int length = 0;
        foreach (int token in tokens)
        {
            starts.Add(length);
            if (!_trie.Contains(token) || !text.AsSpan(length).StartsWith(_trie.Bytes(token)))
            {
                return [];
            }

            length += _trie.Bytes(token).Length;
        }

        if (length != text.Length && text[length] != ControlTokens.Delimiter)
        {
            return [];
        }

        int count = tokens.Count;
        for (int i = 0; i < tokens.Count && current.IsLive && length == text.Length; i++)
        {
            if (MayGoOn(text.AsSpan(starts[i]), current))
            {
                count = i;
                break;
            }
        }

        return [.. tokens.Take(count)];
    }

    // Control tokens are between bytes that no text has; one whose end is not certain is left out, and what follows it.
    private List<int> Encode(ReadOnlySpan<byte> text)
    {
        List<int> tokens = [];
        while (!text.IsEmpty)
        {
            int mark = text.IndexOf(ControlTokens.Delimiter);
            if (mark != 0)
            {
                ReadOnlySpan<byte> plain = mark < 0 ? text : text[..mark];
                tokens.AddRange(_encode(Encoding.UTF8.GetString(plain)));
                text = text[plain.Length..];
                continue;
            }

            int length = text[1..].IndexOf(ControlTokens.Delimiter) + 2;
            int node = length < 2 ? -1 : _trie.Find(text[..length]);
            if (node < 0 || _trie.Tokens(node).IsEmpty)
            {
                break;
            }

            tokens.Add(_trie.Tokens(node)[0]);
            text = text[length..];
        }

        return tokens;
    }

    // Whether a longer token begins with the end of a text and goes on as the grammar allows: the model may mean that one.
    private bool MayGoOn(ReadOnlySpan<byte> end, Configuration after)
    {
        int node = end.Length < GrammarLimits.TokenBytes ? _trie.Find(end) : -1;
        if (node < 0)
        {
            return false;
        }

        for (int child = node + 1; child < _trie.End(node); child = _trie.End(child))
        {
            if (!_table.Next(after, _trie.Label(child)).IsDead)
            {
                return true;
            }
        }

        return false;
    }
}
