namespace Hearth.Store.Transfer;

/// <summary>Which bytes of a content are there: ranges in order that neither touch nor overlap.</summary>
internal sealed class ByteRanges
{
    private readonly List<(long Start, long End)> _ranges = [];

    /// <summary>The ranges; each end is the first byte that is not in it.</summary>
    public IReadOnlyList<(long Start, long End)> Ranges => _ranges;

    /// <summary>Bytes in all.</summary>
    public long Total => _ranges.Sum(range => range.End - range.Start);

    /// <summary>Bytes that are there from the start without a gap.</summary>
    public long Front => _ranges is [(0, var end), ..] ? end : 0;

    /// <summary>Adds a range.</summary>
    public void Add(long start, long end)
    {
        if (start >= end)
        {
            return;
        }

        // From the end: what comes is mostly behind what is there.
        int first = _ranges.Count;
        while (first > 0 && _ranges[first - 1].End >= start)
        {
            first--;
        }

        int last = first;
        for (; last < _ranges.Count && _ranges[last].Start <= end; last++)
        {
            start = Math.Min(start, _ranges[last].Start);
            end = Math.Max(end, _ranges[last].End);
        }

        _ranges.RemoveRange(first, last - first);
        _ranges.Insert(first, (start, end));
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _ranges.Clear();

    /// <summary>What is missing of so many bytes, in order, in pieces of a greatest length.</summary>
    public IEnumerable<(long Start, long End)> Missing(long size, long pieceBytes)
    {
        long position = 0;
        foreach ((long start, long end) in _ranges.Append((size, size)).ToArray())
        {
            for (; position < start; position = Math.Min(position + pieceBytes, start))
            {
                yield return (position, Math.Min(position + pieceBytes, start));
            }

            position = Math.Max(position, end);
        }
    }
}
