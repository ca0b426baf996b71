namespace Hearth.Engine.Embedding;

/// <summary>Gathers the states of one text's tokens, as they come, into one vector.</summary>
/// <param name="kind">How; not <see cref="PoolingKind.Rank"/>, which is what is done with the vector.</param>
/// <param name="columns">Elements of a state.</param>
internal sealed class StatePooler(PoolingKind kind, int columns)
{
    private readonly List<float[]> _parts = [];
    private readonly double[] _sums = new double[columns];
    private long _rows;

    /// <summary>Adds the next tokens' states, <c>[tokens, embedding]</c>.</summary>
    public void Add(ReadOnlySpan<float> states)
    {
        if (states.IsEmpty)
        {
            return;
        }

        switch (kind)
        {
            case PoolingKind.None:
                _parts.Add(states.ToArray());
                break;
            case PoolingKind.Mean:
                AddSums(states);
                break;
            case PoolingKind.Cls when _parts.Count == 0:
                _parts.Add(states[..columns].ToArray());
                break;
            case PoolingKind.Last:
                _parts.Clear();
                _parts.Add(states[^columns..].ToArray());
                break;
        }
    }

    /// <summary>The vector: <c>[embedding]</c>, with <see cref="PoolingKind.None"/> <c>[tokens * embedding]</c>.</summary>
    public float[] Result() => kind == PoolingKind.Mean ? [.. _sums.Select(sum => (float)(sum / _rows))] : [.. _parts.SelectMany(part => part)];

    private void AddSums(ReadOnlySpan<float> states)
    {
        for (int at = 0; at < states.Length; at += columns)
        {
            for (int i = 0; i < columns; i++)
            {
                _sums[i] += states[at + i];
            }

            _rows++;
        }
    }
}
