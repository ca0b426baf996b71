using Hearth.Kernels.Activation;

namespace Hearth.Engine.Devices;

/// <content>Several residual streams and sparse activations: sums in double precision, in the order of the columns.</content>
public sealed partial class CpuDevice
{
    /// <inheritdoc/>
    public override void MixParts(Tensor coefficients, Tensor input, Tensor destination, int width)
    {
        int inputs = input.Columns / width;
        for (int row = 0; row < input.Rows; row++)
        {
            ReadOnlySpan<float> factors = Row(coefficients, row);
            for (int i = 0; i < factors.Length; i++)
            {
                Span<float> to = Row(destination, row).Slice(i / inputs * width, width);
                ScaledAddOp.Run(_pool, factors[i], Row(input, row).Slice(i % inputs * width, width), to);
            }
        }
    }

    /// <inheritdoc/>
    public override void MatchLength(Tensor reference, Tensor tensor)
    {
        for (int row = 0; row < tensor.Rows; row++)
        {
            double length = Math.Sqrt(SumOfSquares(Row(tensor, row), 0));
            if (length > 0)
            {
                ScaleOp.Run(_pool, Row(tensor, row), (float)(Math.Sqrt(SumOfSquares(Row(reference, row), 0)) / length));
            }
        }
    }

    /// <inheritdoc/>
    public override void KeepOutliers(Tensor tensor, float deviations)
    {
        for (int row = 0; row < tensor.Rows; row++)
        {
            Span<float> values = Row(tensor, row);
            double sum = 0;
            foreach (float value in values)
            {
                sum += value;
            }

            double mean = sum / values.Length;
            double deviation = Math.Sqrt(SumOfSquares(values, mean) / Math.Max(1, values.Length - 1));
            float least = (float)(mean + (deviations * deviation));
            foreach (ref float value in values)
            {
                value = Math.Max(0, value - least);
            }
        }
    }

    private static double SumOfSquares(ReadOnlySpan<float> values, double mean)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (value - mean) * (value - mean);
        }

        return sum;
    }
}
