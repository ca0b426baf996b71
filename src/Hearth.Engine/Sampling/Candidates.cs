using System.Diagnostics;
using System.Numerics;

namespace Hearth.Engine.Sampling;

/// <summary>
/// The tokens that may still be chosen in this step. It starts as the model's logits <c>[vocabulary]</c> and becomes a list when a stage
/// removes or orders tokens; until then, stages that change a few logits do so by token id. Tokens with a logit of minus infinity are
/// never in the list.
/// </summary>
internal ref struct Candidates
{
    private readonly CandidateBuffer _buffer;
    private ReadOnlySpan<float> _logits;
    private Span<float> _copy;
    private Memory<Candidate> _memory;
    private Span<Candidate> _items;

    internal Candidates(CandidateBuffer buffer, ReadOnlySpan<float> logits)
    {
        _buffer = buffer;
        _logits = logits;
    }

    /// <summary>Whether they are a list, and no longer the model's logits.</summary>
    internal bool IsList { get; private set; }

    /// <summary>Whether the list is in descending order of logits, equal ones by ascending id.</summary>
    internal bool IsSorted { get; private set; }

    /// <summary>How many candidates there are; while they are the model's logits, excluded tokens count.</summary>
    internal readonly int Length => IsList ? _items.Length : _logits.Length;

    /// <summary>The candidates as a list: in order of id, unless a stage ordered them.</summary>
    internal Span<Candidate> Items
    {
        get
        {
            ToList();
            return _items;
        }
    }

    /// <summary>The memory of <see cref="Items"/>, valid until the buffer is used again.</summary>
    internal readonly Memory<Candidate> Memory => _memory;

    /// <summary>The nearest finite number: a penalty lowers a token and does not exclude it.</summary>
    internal static float Finite(float value) => Math.Clamp(value, -float.MaxValue, float.MaxValue);

    /// <summary>Changes the logits of the tokens in a table.</summary>
    /// <param name="values">What to apply, by token id.</param>
    /// <param name="change">The new logit from the old one, which is finite, and the table's value.</param>
    internal void Change<T>(Dictionary<int, T> values, Func<float, T, float> change)
    {
        if (values.Count == 0)
        {
            return;
        }

        if (!IsList)
        {
            var logits = EditableLogits();
            foreach (var (token, value) in values)
            {
                if (float.IsFinite(logits[token]))
                {
                    logits[token] = change(logits[token], value);
                }
            }

            return;
        }

        foreach (ref var item in _items)
        {
            if (values.TryGetValue(item.Token, out var value))
            {
                item.Logit = change(item.Logit, value);
            }
        }

        IsSorted = false;
        KeepFrom(-float.MaxValue);
    }

    /// <summary>The largest logit.</summary>
    /// <exception cref="InvalidLogitsException">There is no candidate left.</exception>
    internal readonly float MaximumLogit()
    {
        var maximum = float.NegativeInfinity;
        if (!IsList)
        {
            maximum = Maximum(_logits);
        }
        else if (IsSorted && _items.Length > 0)
        {
            maximum = _items[0].Logit;
        }
        else
        {
            foreach (ref readonly var item in _items)
            {
                maximum = Math.Max(maximum, item.Logit);
            }
        }

        return float.IsNegativeInfinity(maximum) ? throw InvalidLogitsException.NothingLeft() : maximum;
    }

    /// <summary>The number, sum and sum of squared distances from <paramref name="center"/> of the finite logits.</summary>
    internal readonly (int Count, double Sum, double Squares) Moments(double center)
    {
        var moments = (Count: 0, Sum: 0.0, Squares: 0.0);
        for (var i = 0; i < Length; i++)
        {
            var logit = LogitAt(i);
            if (!float.IsNegativeInfinity(logit))
            {
                moments.Count++;
                moments.Sum += logit;
                moments.Squares += (logit - center) * (logit - center);
            }
        }

        return moments;
    }

    /// <summary>
    /// The sum of <c>exp(logit - maximum)</c>. It is summed in floats in the candidates' order, as llama.cpp does it, so that cuts fall
    /// on the same candidate.
    /// </summary>
    internal readonly float SumOfExponentials(float maximum)
    {
        float sum = 0;
        for (var i = 0; i < Length; i++)
        {
            sum += MathF.Exp(LogitAt(i) - maximum);
        }

        return sum;
    }

    /// <summary>How many candidates have at least this logit.</summary>
    internal readonly int CountFrom(float threshold)
    {
        var count = 0;
        for (var i = 0; i < Length; i++)
        {
            count += LogitAt(i) >= threshold ? 1 : 0;
        }

        return count;
    }

    /// <summary>Keeps the candidates with at least this logit, in their order.</summary>
    internal void KeepFrom(float threshold)
    {
        threshold = Math.Max(threshold, -float.MaxValue);
        if (IsList)
        {
            var kept = 0;
            foreach (ref readonly var item in _items)
            {
                if (item.Logit >= threshold)
                {
                    _items[kept++] = item;
                }
            }

            SetItems(_memory[..kept]);
            return;
        }

        var count = CountFrom(threshold);
        SetItems(_buffer.Items(count).AsMemory(0, count));
        var next = 0;
        for (var token = 0; token < _logits.Length; token++)
        {
            if (_logits[token] >= threshold)
            {
                _items[next++] = new Candidate(token, _logits[token], 0);
            }
        }
    }

    /// <summary>Keeps the <paramref name="count"/> candidates with the largest logits, and orders them.</summary>
    internal void KeepTop(int count)
    {
        Debug.Assert(count > 0);
        if (!IsList && count < _logits.Length / 4)
        {
            var keys = _buffer.Keys(count);
            SetSorted(keys[..TopSelection.Select(_logits, keys)]);
            return;
        }

        ToList();
        if (!IsSorted)
        {
            var keys = _buffer.Keys(Math.Min(count, _items.Length));
            var selection = new TopSelection(keys);
            if (keys.Length < _items.Length)
            {
                foreach (ref readonly var item in _items)
                {
                    selection.Offer(item.Logit, item.Token);
                }

                keys = keys[..selection.Finish()];
            }
            else
            {
                for (var i = 0; i < _items.Length; i++)
                {
                    keys[i] = CandidateKey.Pack(_items[i].Logit, _items[i].Token);
                }

                keys.Sort();
            }

            SetSorted(keys);
        }

        KeepFirst(Math.Min(count, _items.Length));
    }

    /// <summary>Orders the candidates: descending logits, equal ones by ascending id.</summary>
    internal void Sort() => KeepTop(int.MaxValue);

    /// <summary>Keeps the first candidates of the list.</summary>
    internal void KeepFirst(int count)
    {
        ToList();
        SetItems(_memory[..count]);
    }

    /// <summary>Removes the first candidates of the list.</summary>
    internal void SkipFirst(int count)
    {
        ToList();
        SetItems(_memory[count..]);
    }

    /// <summary>Keeps the most probable candidate only; of equal ones, that with the lowest id.</summary>
    internal void KeepMaximum()
    {
        var maximum = MaximumLogit();
        if (!IsList)
        {
            var token = _logits.IndexOf(maximum);
            SetItems(_buffer.Items(1).AsMemory(0, 1));
            _items[0] = new Candidate(token, maximum, 1);
        }
        else
        {
            var best = -1;
            for (var i = 0; i < _items.Length; i++)
            {
                if (_items[i].Logit == maximum && (best < 0 || _items[i].Token < _items[best].Token))
                {
                    best = i;
                }
            }

            _items[0] = _items[best] with { Probability = 1 };
            SetItems(_memory[..1]);
        }

        IsSorted = true;
    }

    /// <summary>Keeps the candidates whose indices are in the low halves of the first keys, in that order.</summary>
    internal void Reorder(ReadOnlySpan<ulong> keys, int count)
    {
        var source = _items;
        SetItems(_buffer.OtherItems(count).AsMemory(0, count));
        for (var i = 0; i < count; i++)
        {
            _items[i] = source[CandidateKey.Id(keys[i])];
        }

        IsSorted = false;
    }

    /// <summary>Sort keys for this step, one for each candidate.</summary>
    internal Span<ulong> Keys()
    {
        ToList();
        return _buffer.Keys(_items.Length);
    }

    /// <summary>Computes the probabilities of the candidates: <c>exp(logit - max) / sum</c>.</summary>
    /// <exception cref="InvalidLogitsException">There is no candidate left.</exception>
    internal void Softmax()
    {
        ToList();
        Exponentials();
        float sum = 0;
        foreach (ref readonly var item in _items)
        {
            sum += item.Probability;
        }

        Normalize(sum);
    }

    /// <summary>Sets the probabilities to <c>exp(logit - max)</c>, that is to multiples of what they are.</summary>
    /// <exception cref="InvalidLogitsException">There is no candidate left.</exception>
    internal void Exponentials()
    {
        ToList();
        var maximum = MaximumLogit();
        foreach (ref var item in _items)
        {
            item.Probability = MathF.Exp(item.Logit - maximum);
        }
    }

    /// <summary>Divides the probabilities by their sum.</summary>
    internal readonly void Normalize(double sum)
    {
        foreach (ref var item in _items)
        {
            item.Probability = (float)(item.Probability / sum);
        }
    }

    private static float Maximum(ReadOnlySpan<float> logits)
    {
        var maximum = float.NegativeInfinity;
        var i = 0;
        if (logits.Length >= Vector<float>.Count)
        {
            var lanes = new Vector<float>(maximum);
            for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                lanes = Vector.Max(lanes, new Vector<float>(logits[i..]));
            }

            for (var lane = 0; lane < Vector<float>.Count; lane++)
            {
                maximum = Math.Max(maximum, lanes[lane]);
            }
        }

        for (; i < logits.Length; i++)
        {
            maximum = Math.Max(maximum, logits[i]);
        }

        return maximum;
    }

    private readonly float LogitAt(int index) => IsList ? _items[index].Logit : _logits[index];

    private void ToList()
    {
        if (!IsList)
        {
            KeepFrom(-float.MaxValue);
        }
    }

    private void SetSorted(ReadOnlySpan<ulong> keys)
    {
        SetItems(_buffer.Items(keys.Length).AsMemory(0, keys.Length));
        for (var i = 0; i < keys.Length; i++)
        {
            _items[i] = new Candidate(CandidateKey.Id(keys[i]), CandidateKey.Value(keys[i]), 0);
        }

        IsSorted = true;
    }

    private void SetItems(Memory<Candidate> memory)
    {
        _memory = memory;
        _items = memory.Span;
        IsList = true;
    }

    private Span<float> EditableLogits()
    {
        if (_copy.IsEmpty)
        {
            _copy = _buffer.Logits(_logits.Length);
            _logits.CopyTo(_copy);
            _logits = _copy;
        }

        return _copy;
    }
}
