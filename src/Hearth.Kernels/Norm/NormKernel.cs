using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Norm;

/// <summary>
/// y = (x - center) * inverse * weight + bias row by row, where the center and the inverse come from the row. Row r takes the weights and
/// biases of its group: r % groups.
/// </summary>
internal readonly unsafe struct NormKernel<TStatistics>(
    float* x, float* weight, int weightGroups, float* bias, int biasGroups, float epsilon, float* y, int columns) : ILaneKernel
    where TStatistics : struct, INormStatistics
{
    public void Run<TLanes>(int start, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int row = start; row < end; row++)
        {
            long offset = (long)row * columns;
            TStatistics.Measure<TLanes>(x + offset, columns, epsilon, out float center, out float inverse);
            float* weights = Group(weight, weightGroups, row);
            float* biases = Group(bias, biasGroups, row);
            TLanes middle = TLanes.Create(center);
            TLanes factor = TLanes.Create(inverse);
            int i = 0;
            for (; i <= columns - 16; i += 16)
            {
                TLanes value = TLanes.Multiply(TLanes.Subtract(TLanes.Load(x + offset + i), middle), factor);
                value = weights is null ? value : TLanes.Multiply(value, TLanes.Load(weights + i));
                value = biases is null ? value : TLanes.Add(value, TLanes.Load(biases + i));
                TLanes.Store(y + offset + i, value);
            }

            Finish(offset, i, center, inverse, weights, biases);
        }
    }

    public void Reference(int start, int end)
    {
        for (int row = start; row < end; row++)
        {
            long offset = (long)row * columns;
            TStatistics.Measure(new ReadOnlySpan<float>(x + offset, columns), epsilon, out float center, out float inverse);
            Finish(offset, 0, center, inverse, Group(weight, weightGroups, row), Group(bias, biasGroups, row));
        }
    }

    private void Finish(long offset, int start, float center, float inverse, float* weights, float* biases)
    {
        for (int i = start; i < columns; i++)
        {
            float value = (x[offset + i] - center) * inverse;
            value = weights is null ? value : value * weights[i];
            y[offset + i] = biases is null ? value : value + biases[i];
        }
    }

    private float* Group(float* values, int groups, int row) => values is null ? null : values + ((long)(row % groups) * columns);
}
