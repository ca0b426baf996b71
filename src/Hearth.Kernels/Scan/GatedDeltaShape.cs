namespace Hearth.Kernels.Scan;

/// <summary>The sizes of a gated delta net.</summary>
/// <param name="Heads">Heads of values and states.</param>
/// <param name="KeyHeads">Heads of queries and keys; divides <paramref name="Heads"/>.</param>
/// <param name="KeySize">Elements of a query and of a key; at most <see cref="MaxKeySize"/>.</param>
/// <param name="ValueSize">Elements of a value.</param>
/// <param name="KeyHeadOrder">Which heads share a key head.</param>
public readonly record struct GatedDeltaShape(int Heads, int KeyHeads, int KeySize, int ValueSize, KeyHeadOrder KeyHeadOrder)
{
    /// <summary>The largest key size.</summary>
    public const int MaxKeySize = 4096;
}
