using Hearth.Kernels.Attention;

namespace Hearth.Engine.Models;

/// <summary>An attention over a layer of the key-value cache.</summary>
/// <param name="Layer">The layer of the cache.</param>
/// <param name="Mask">Which positions a token sees.</param>
/// <param name="Window">The mask's window or chunk, in positions; 0 for all.</param>
internal readonly record struct CacheRead(int Layer, AttentionMask Mask, int Window)
{
    /// <summary>How many positions the token at a position sees, of a text that ends with it.</summary>
    public int VisiblePositions(int position) => Mask switch
    {
        AttentionMask.Chunked => (position % Window) + 1,
        AttentionMask.Bidirectional when Window > 0 => Math.Min(position, Window / 2) + 1,
        _ => Window > 0 ? Math.Min(position + 1, Window) : position + 1,
    };
}
