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

    /// <summary>output[length, heads * headWidth] = softmax(q k^T / sqrt(headWidth)) v; the probabilities are kept for the gradient.</summary>
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
                Span<float> target = output.Slice((i * heads + head) * headWidth, headWidth);
                target.Clear();
                for (int j = 0; j <= i; j++)
                {
                    AddScaled(target, rows.Slice(j * _stride + value, headWidth), row[j]);
                }
            }
        }
    }

    /// <summary>Adds the gradient of <see cref="Forward"/> to <paramref name="drows"/>, whose layout is that of <paramref name="rows"/>.</summary>
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
                Span<float> dquery = drows.Slice(i * _stride + query, headWidth);
                ReadOnlySpan<float> queries = rows.Slice(i * _stride + query, headWidth);
                for (int j = 0; j <= i; j++)
                {
                    float slope = row[j] * (slopes[j] - mean) * scale;
                    AddScaled(drows.Slice(j * _stride + value, headWidth), gradient, row[j]);
                    AddScaled(dquery, rows.Slice(j * _stride + key, headWidth), slope);
                    AddScaled(drows.Slice(j * _stride + key, headWidth), queries, slope);
                }
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

    private static void AddScaled(Span<float> y, ReadOnlySpan<float> x, float factor)
    {
        Span<Vector512<float>> ys = MemoryMarshal.Cast<float, Vector512<float>>(y);
        ReadOnlySpan<Vector512<float>> xs = MemoryMarshal.Cast<float, Vector512<float>>(x);
        Vector512<float> f = Vector512.Create(factor);
        for (int i = 0; i < ys.Length; i++)
        {
            ys[i] = Vector512.FusedMultiplyAdd(f, xs[i], ys[i]);
        }
    }
}
