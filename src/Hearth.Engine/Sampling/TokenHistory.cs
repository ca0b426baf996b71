namespace Hearth.Engine.Sampling;

/// <summary>The last tokens of a sequence, its prompt's included. It grows with the sequence up to its capacity.</summary>
internal sealed class TokenHistory(int capacity)
{
    private int[] _tokens = [];
    private int _next;

    /// <summary>How many tokens are held.</summary>
    internal int Count { get; private set; }

    /// <summary>A token, counted from the last one, which is 0.</summary>
    internal int FromEnd(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        var at = _next - 1 - index;
        return _tokens[at < 0 ? at + _tokens.Length : at];
    }

    internal void Add(int token)
    {
        if (capacity == 0)
        {
            return;
        }

        if (Count == _tokens.Length && Count < capacity)
        {
            // The array only wraps around at its full capacity, so here the tokens lie in order from 0.
            Array.Resize(ref _tokens, (int)Math.Min(capacity, Math.Max(64L, 2L * Count)));
            _next = Count;
        }

        _tokens[_next] = token;
        _next = (_next + 1) % _tokens.Length;
        Count = Math.Min(Count + 1, _tokens.Length);
    }
}
