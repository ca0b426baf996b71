namespace Hearth.Kernels.MatMul;

internal static unsafe partial class ActivationQuantizer
{
    private static int LargestBitsReference(float* source, int count)
    {
        int largest = 0;
        for (int i = 0; i < count; i++)
        {
            largest = Math.Max(largest, BitConverter.SingleToInt32Bits(source[i]) & int.MaxValue);
        }

        return largest;
    }

    private static void RoundReference(float* source, int count, float inverse, sbyte* values, short* sums)
    {
        new Span<short>(sums, count / SumElements).Clear();
        for (int i = 0; i < count; i++)
        {
            values[i] = (sbyte)MathF.Round(source[i] * inverse);
            sums[i / SumElements] += values[i];
        }
    }
}
