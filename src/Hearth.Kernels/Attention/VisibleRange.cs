namespace Hearth.Kernels.Attention;

/// <summary>
/// The positions that rows see, in numbers: for every mask one range, whose ends never go back from one position to the next.
/// </summary>
internal readonly struct VisibleRange
{
    private readonly AttentionMask _mask;
    private readonly int _reach;

    internal VisibleRange(AttentionMask mask, int window)
    {
        _mask = mask;
        _reach = window == 0 ? int.MaxValue : mask == AttentionMask.Bidirectional ? window / 2 : window;
    }

    /// <summary>The first position that the row at a position sees.</summary>
    internal int First(int position) => _mask switch
    {
        AttentionMask.Chunked => position - (position % _reach),
        AttentionMask.Bidirectional => Math.Max(0, position - _reach),
        _ => Math.Max(0, position - _reach + 1),
    };

    /// <summary>The last position that the row at a position sees; the sequence's length counts only in both directions.</summary>
    internal int Last(int position, int length) =>
        _mask == AttentionMask.Bidirectional ? (int)Math.Min(length - 1L, (long)position + _reach) : position;
}
