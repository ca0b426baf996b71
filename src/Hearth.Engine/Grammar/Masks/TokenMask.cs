using System.Numerics;

namespace Hearth.Engine.Grammar.Masks;

/// <summary>Tokens that are allowed: a list of few, or a bit for each token of the vocabulary.</summary>
internal sealed class TokenMask
{
    private const int MaxListed = 512;
    private readonly int[]? _tokens;
    private readonly ulong[]? _bits;

    /// <param name="bits">A bit for each token of the vocabulary.</param>
    public TokenMask(ulong[] bits)
    {
        foreach (ulong word in bits)
        {
            Count += BitOperations.PopCount(word);
        }

        if (Count > MaxListed)
        {
            _bits = bits;
            return;
        }

        _tokens = new int[Count];
        for (int word = 0, next = 0; next < _tokens.Length; word++)
        {
            for (ulong left = bits[word]; left != 0; left &= left - 1)
            {
                _tokens[next++] = (word * 64) + BitOperations.TrailingZeroCount(left);
            }
        }
    }

    /// <summary>How many tokens are allowed.</summary>
    public int Count { get; }

    /// <summary>Bytes of memory.</summary>
    public int Length => ((_bits?.Length ?? 0) * sizeof(ulong)) + ((_tokens?.Length ?? 0) * sizeof(int));

    /// <summary>The only token that is allowed.</summary>
    public int Single => _tokens is [int token] ? token : throw new InvalidOperationException("There is not exactly one token.");

    /// <summary>Whether a token is allowed.</summary>
    public bool Allows(int token) => _tokens is not null ? Array.BinarySearch(_tokens, token) >= 0 : (_bits![token / 64] >> (token % 64) & 1) != 0;

    /// <summary>Copies the logits of allowed tokens, and sets the others to minus infinity.</summary>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    /// <param name="masked"><c>[vocabulary]</c>.</param>
    public void Apply(ReadOnlySpan<float> logits, Span<float> masked)
    {
        if (_tokens is not null)
        {
            masked.Fill(float.NegativeInfinity);
            foreach (int token in _tokens)
            {
                masked[token] = logits[token];
            }

            return;
        }

        for (int word = 0, first = 0; first < logits.Length; word++, first += 64)
        {
            ReadOnlySpan<float> source = logits.Slice(first, Math.Min(64, logits.Length - first));
            Span<float> target = masked.Slice(first, source.Length);
            ulong bits = _bits![word];
            if (bits == ulong.MaxValue)
            {
                source.CopyTo(target);
                continue;
            }

            target.Fill(float.NegativeInfinity);
            for (; bits != 0; bits &= bits - 1)
            {
                int index = BitOperations.TrailingZeroCount(bits);
                target[index] = source[index];
            }
        }
    }
}

/// <summary>What places in a grammar allow when it is not known who waits for the end of their rules.</summary>
/// <param name="Bits">Tokens that are allowed whoever waits.</param>
/// <param name="Open">Nodes of the tree of tokens from which on it depends on who waits.</param>
internal sealed record LocalMask(ulong[] Bits, int[] Open);
