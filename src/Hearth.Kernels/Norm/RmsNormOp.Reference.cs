using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Norm;

public static unsafe partial class RmsNormOp
{
    /// <summary>The scalar twin.</summary>
    internal static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y, int columns)
    {
        Span<float> partial = stackalloc float[16];
        for (int start = 0; start < x.Length; start += columns)
        {
            ReadOnlySpan<float> row = x.Slice(start, columns);
            partial.Clear();
            for (int i = 0; i < columns; i++)
            {
                partial[i % 16] = MathF.FusedMultiplyAdd(row[i], row[i], partial[i % 16]);
            }

            float inverse = Inverse(FixedTree.Sum(partial), columns, epsilon);
            for (int i = 0; i < columns; i++)
            {
                y[start + i] = row[i] * inverse * weight[i];
            }
        }
    }
}
