using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hearth.Training.Numerics;

/// <summary>
/// Causal attention over one dialogue at a time and its gradient. A row of the fused projection is
/// [heads queries, keyValueHeads keys, keyValueHeads values] of <c>headWidth</c> floats each (a multiple of 16).
/// One instance per thread: it owns the transposed copies that it reads with whole vectors.
/// </summary>
internal sealed class Attention(int heads, int keyValueHeads, int headWidth, int context)
{
    private const int Width = 16;

    private readonly int _stride = (heads + 2 * keyValueHeads) * headWidth;
    private readonly float[] _transposed = new float[headWidth * Padded(context)];
    private readonly float[] _slopes = new float[Padded(context)];

    /// <summary>A row length in whole vectors.</summary>
    public static int Padded(int length) => (length + Width - 1) / Width * Width;

    /// <summary>How many floats the probabilities of a dialogue take: heads x length x padded length.</summary>
    public int ProbabilityCount(int length) => heads * length * Padded(length);

    /// <summary>
    /// output[length, heads * headWidth] = softmax(q k^T / sqrt(headWidth)) v; the probabilities are kept for the gradient.
    /// </summary>
    public void Forward(ReadOnlySpan<float> rows, int length, Span<float> probabilities, Span<float> output)
    {
        int padded = Padded(length);
        float scale = 1 / MathF.Sqrt(headWidth);
        for (int head = 0; head < heads; head++)
        {
            int query = head * headWidth;
            int key = (heads + head * keyValueHeads / heads) * headWidth;
            int value = key + keyValueHeads * headWidth;
            Transpose(rows, key, length, padded);
            Span<float> block = probabilities.Slice(head * length * padded, length * padded);
            for (int i = 0; i < length; i++)
            {
                Span<float> row = block.Slice(i * padded, padded);
                Products(rows.Slice(i * _stride + query, headWidth), scale, padded, i + 1, row);
                RowOperations.Softmax(row, i + 1);
                WeightedSum(row[..(i + 1)], rows[value..], output.Slice((i * heads + head) * headWidth, headWidth));
            }
        }
    }

    /// <summary>
    /// Adds the gradient of <see cref="Forward"/> to <paramref name="drows"/>, whose layout is that of <paramref name="rows"/>.
    /// </summary>
    public void Backward(
        ReadOnlySpan<float> rows, int length, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> doutput, Span<float> drows)
    {
        int padded = Padded(length);
        float scale = 1 / MathF.Sqrt(headWidth);
        for (int head = 0; head < heads; head++)
        {
            int query = head * headWidth;
            int key = (heads + head * keyValueHeads / heads) * headWidth;
            int value = key + keyValueHeads * headWidth;
            Transpose(rows, value, length, padded);
            ReadOnlySpan<float> block = probabilities.Slice(head * length * padded, length * padded);
            for (int i = 0; i < length; i++)
            {
                ReadOnlySpan<float> row = block.Slice(i * padded, padded);
                ReadOnlySpan<float> gradient = doutput.Slice((i * heads + head) * headWidth, headWidth);
                Span<float> slopes = _slopes.AsSpan(0, padded);
                Products(gradient, 1, padded, i + 1, slopes);
                int used = Padded(i + 1);
                float mean = RowOperations.Dot(row[..used], slopes[..used]);
                for (int j = 0; j <= i; j++)
                {
                    slopes[j] = row[j] * (slopes[j] - mean) * scale;
                }

                AddOuter(row[..(i + 1)], gradient, drows[value..]);
                AddOuter(slopes[..(i + 1)], rows.Slice(i * _stride + query, headWidth), drows[key..]);
                WeightedSum(slopes[..(i + 1)], rows[key..], drows.Slice(i * _stride + query, headWidth));
            }
        }
    }

    /// <summary>y = sum over j of weights[j] * row j; the rows are a projection's width apart.</summary>
    private void WeightedSum(ReadOnlySpan<float> weights, ReadOnlySpan<float> rows, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, (weights.Length - 1) * _stride + headWidth);
        ref float source = ref MemoryMarshal.GetReference(rows);
        for (int d = 0; d < headWidth; d += Width)
        {
            Vector512<float> sum = default;
            for (int j = 0; j < weights.Length; j++)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(weights[j]), Vector512.LoadUnsafe(ref source, (nuint)(j * _stride + d)), sum);
            }

            sum.CopyTo(y[d..]);
        }
    }

    /// <summary>Row j += weights[j] * x, for every j; the rows are a projection's width apart.</summary>
    private void AddOuter(ReadOnlySpan<float> weights, ReadOnlySpan<float> x, Span<float> rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, (weights.Length - 1) * _stride + headWidth);
        ref float target = ref MemoryMarshal.GetReference(rows);
        for (int d = 0; d < headWidth; d += Width)
        {
            Vector512<float> factor = Vector512.Create(x.Slice(d, Width));
            for (int j = 0; j < weights.Length; j++)
            {
                var place = (nuint)(j * _stride + d);
                Vector512.FusedMultiplyAdd(Vector512.Create(weights[j]), factor, Vector512.LoadUnsafe(ref target, place)).StoreUnsafe(ref target, place);
            }
        }
    }

    private void Transpose(ReadOnlySpan<float> rows, int column, int length, int padded)
    {
        _transposed.AsSpan(0, headWidth * padded).Clear();
        for (int j = 0; j < length; j++)
        {
            ReadOnlySpan<float> source = rows.Slice(j * _stride + column, headWidth);
            for (int d = 0; d < source.Length; d++)
            {
                _transposed[d * padded + j] = source[d];
            }
        }
    }

    /// <summary>y[j] = scale * x . column j of the transposed copy, for at least the first <paramref name="count"/> columns.</summary>
    private void Products(ReadOnlySpan<float> x, float scale, int padded, int count, Span<float> y)
    {
        ReadOnlySpan<Vector512<float>> columns = MemoryMarshal.Cast<float, Vector512<float>>(_transposed.AsSpan(0, headWidth * padded));
        Span<Vector512<float>> sums = MemoryMarshal.Cast<float, Vector512<float>>(y);
        int vectors = padded / Width;
        for (int block = 0; block * Width < count; block++)
        {
            Vector512<float> sum = default;
            for (int d = 0; d < x.Length; d++)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(x[d]), columns[d * vectors + block], sum);
            }

            sums[block] = sum * scale;
        }
    }
}
