using System.Numerics;

namespace Hearth.Engine.Sampling;

/// <summary>Partial selection: the k smallest keys (so the k largest logits) seen, in a heap with the worst of them on top.</summary>
internal ref struct TopSelection(Span<ulong> heap)
{
    private readonly Span<ulong> _heap = heap;

    /// <summary>Keys held; at most the heap's length.</summary>
    internal int Count { get; private set; }

    /// <summary>The largest logits of <c>[vocabulary]</c>, in order; minus infinity is never among them. Returns their number.</summary>
    internal static int Select(ReadOnlySpan<float> logits, Span<ulong> keys)
    {
        var selection = new TopSelection(keys);
        var i = 0;
        for (; i < logits.Length && selection.Count < keys.Length; i++)
        {
            selection.Offer(logits[i], i);
        }

        while (i < logits.Length)
        {
            var threshold = CandidateKey.Value(keys[0]);
            i = SkipUpTo(logits, i, threshold);
            var end = Math.Min(i + Vector<float>.Count, logits.Length);
            for (; i < end; i++)
            {
                // Not above the worst of those kept: an equal logit of a later token does not displace an earlier one.
                if (logits[i] > threshold)
                {
                    selection.Offer(logits[i], i);
                }
            }
        }

        return selection.Finish();
    }

    /// <summary>Offers a logit; minus infinity is not taken.</summary>
    internal void Offer(float logit, int id)
    {
        if (float.IsNegativeInfinity(logit))
        {
            return;
        }

        var key = CandidateKey.Pack(logit, id);
        if (Count < _heap.Length)
        {
            SiftUp(key);
        }
        else if (key < _heap[0])
        {
            SiftDown(key);
        }
    }

    /// <summary>Sorts what was kept, the largest logit first, and returns how many keys there are.</summary>
    internal readonly int Finish()
    {
        _heap[..Count].Sort();
        return Count;
    }

    private static int SkipUpTo(ReadOnlySpan<float> logits, int start, float threshold)
    {
        var limit = new Vector<float>(threshold);
        var i = start;
        while (i <= logits.Length - Vector<float>.Count && !Vector.GreaterThanAny(new Vector<float>(logits[i..]), limit))
        {
            i += Vector<float>.Count;
        }

        return i;
    }

    private void SiftUp(ulong key)
    {
        var at = Count++;
        while (at > 0 && _heap[(at - 1) / 2] < key)
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = key;
    }

    private readonly void SiftDown(ulong key)
    {
        var at = 0;
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= _heap.Length)
            {
                break;
            }

            if (child + 1 < _heap.Length && _heap[child + 1] > _heap[child])
            {
                child++;
            }

            if (_heap[child] <= key)
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = key;
    }
}
