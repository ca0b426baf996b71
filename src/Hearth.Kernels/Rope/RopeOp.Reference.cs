namespace Hearth.Kernels.Rope;

public static unsafe partial class RopeOp
{
    /// <summary>The scalar twin.</summary>
    internal static void Reference(
        Span<float> x,
        int heads,
        int headSize,
        ReadOnlySpan<float> cosines,
        ReadOnlySpan<float> sines,
        int pairs,
        RopePairing pairing,
        int offset = 0)
    {
        for (int head = 0; head < x.Length / headSize; head++)
        {
            int token = head / heads;
            Span<float> values = x.Slice((head * headSize) + offset, 2 * pairs);
            for (int i = 0; i < pairs; i++)
            {
                (int first, int second) = pairing == RopePairing.Adjacent ? (2 * i, (2 * i) + 1) : (i, i + pairs);
                Rotate(ref values[first], ref values[second], cosines[(token * pairs) + i], sines[(token * pairs) + i]);
            }
        }
    }
}
