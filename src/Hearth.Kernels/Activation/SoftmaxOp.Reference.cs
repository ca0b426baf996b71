using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Activation;

public static unsafe partial class SoftmaxOp
{
    /// <summary>The scalar twin.</summary>
    internal static void Reference(Span<float> x, int columns)
    {
        Span<float> partial = stackalloc float[16];
        for (int start = 0; start < x.Length; start += columns)
        {
            Span<float> row = x.Slice(start, columns);
            float max = float.NegativeInfinity;
            foreach (float value in row)
            {
                max = value > max ? value : max;
            }

            partial.Clear();
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = FloatMath.Exp(row[i] - max);
                partial[i % 16] += row[i];
            }

            float inverse = 1f / FixedTree.Sum(partial);
            for (int i = 0; i < row.Length; i++)
            {
                row[i] *= inverse;
            }
        }
    }
}
