using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hearth.Training.Numerics;

/// <summary>The element-wise and row-wise operations of the transformer and their gradients. Row lengths are multiples of 16.</summary>
internal static class RowOperations
{
    private const int Width = 16;

    /// <summary>y += x.</summary>
    public static void Add(Span<float> y, ReadOnlySpan<float> x)
    {
        Span<Vector512<float>> ys = MemoryMarshal.Cast<float, Vector512<float>>(y);
        ReadOnlySpan<Vector512<float>> xs = MemoryMarshal.Cast<float, Vector512<float>>(x);
        for (int i = 0; i < ys.Length; i++)
        {
            ys[i] += xs[i];
        }

        for (int i = ys.Length * Width; i < y.Length; i++)
        {
            y[i] += x[i];
        }
    }

    /// <summary>The sum of a[i] b[i]; the lengths are multiples of 16.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector512<float>> xs = MemoryMarshal.Cast<float, Vector512<float>>(a);
        ReadOnlySpan<Vector512<float>> ys = MemoryMarshal.Cast<float, Vector512<float>>(b);
        Vector512<float> sum = default;
        for (int i = 0; i < xs.Length; i++)
        {
            sum = Vector512.FusedMultiplyAdd(xs[i], ys[i], sum);
        }

        return Vector512.Sum(sum);
    }

    /// <summary>
    /// RMSNorm (Zhang, Sennrich 2019): y = x r weight, r = 1 / sqrt(mean(x^2) + epsilon), per row; r is kept in <paramref name="scales"/>.
    /// </summary>
    public static void RmsNorm(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y, Span<float> scales)
    {
        int width = weight.Length;
        ReadOnlySpan<Vector512<float>> w = MemoryMarshal.Cast<float, Vector512<float>>(weight);
        for (int row = 0; row * width < x.Length; row++)
        {
            ReadOnlySpan<float> source = x.Slice(row * width, width);
            float scale = 1 / MathF.Sqrt(Dot(source, source) / width + epsilon);
            scales[row] = scale;
            ReadOnlySpan<Vector512<float>> xs = MemoryMarshal.Cast<float, Vector512<float>>(source);
            Span<Vector512<float>> ys = MemoryMarshal.Cast<float, Vector512<float>>(y.Slice(row * width, width));
            for (int i = 0; i < w.Length; i++)
            {
                ys[i] = xs[i] * scale * w[i];
            }
        }
    }

    /// <summary>Adds the gradients of <see cref="RmsNorm"/>: dx += r (g - x r^2 mean(g x)) with g = dy weight; dweight += dy x r.</summary>
    public static void RmsNormBackward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> scales, ReadOnlySpan<float> dy, Span<float> dx, Span<float> dweight)
    {
        int width = weight.Length;
        ReadOnlySpan<Vector512<float>> w = MemoryMarshal.Cast<float, Vector512<float>>(weight);
        Span<Vector512<float>> dw = MemoryMarshal.Cast<float, Vector512<float>>(dweight);
        for (int row = 0; row * width < x.Length; row++)
        {
            ReadOnlySpan<Vector512<float>> xs = MemoryMarshal.Cast<float, Vector512<float>>(x.Slice(row * width, width));
            ReadOnlySpan<Vector512<float>> g = MemoryMarshal.Cast<float, Vector512<float>>(dy.Slice(row * width, width));
            Span<Vector512<float>> d = MemoryMarshal.Cast<float, Vector512<float>>(dx.Slice(row * width, width));
            float scale = scales[row];
            Vector512<float> sum = default;
            for (int i = 0; i < w.Length; i++)
            {
                Vector512<float> product = g[i] * xs[i];
                dw[i] += product * scale;
                sum += product * w[i];
            }

            float mean = Vector512.Sum(sum) / width * scale * scale;
            for (int i = 0; i < w.Length; i++)
            {
                d[i] += (g[i] * w[i] - xs[i] * mean) * scale;
            }
        }
    }

    /// <summary>SwiGLU: y[row] = silu(gate) up, where a row of <paramref name="gateUp"/> is gate [width] then up [width].</summary>
    public static void SwiGlu(ReadOnlySpan<float> gateUp, int width, Span<float> y)
    {
        for (int row = 0; row * width < y.Length; row++)
        {
            ReadOnlySpan<Vector512<float>> gate = MemoryMarshal.Cast<float, Vector512<float>>(gateUp.Slice(2 * row * width, width));
            ReadOnlySpan<Vector512<float>> up = MemoryMarshal.Cast<float, Vector512<float>>(gateUp.Slice((2 * row + 1) * width, width));
            Span<Vector512<float>> ys = MemoryMarshal.Cast<float, Vector512<float>>(y.Slice(row * width, width));
            for (int i = 0; i < ys.Length; i++)
            {
                ys[i] = gate[i] * Sigmoid(gate[i]) * up[i];
            }
        }
    }

    /// <summary>The gradients of <see cref="SwiGlu"/>, written over <paramref name="gateUp"/>.</summary>
    public static void SwiGluBackward(Span<float> gateUp, int width, ReadOnlySpan<float> dy)
    {
        for (int row = 0; row * width < dy.Length; row++)
        {
            Span<Vector512<float>> gate = MemoryMarshal.Cast<float, Vector512<float>>(gateUp.Slice(2 * row * width, width));
            Span<Vector512<float>> up = MemoryMarshal.Cast<float, Vector512<float>>(gateUp.Slice((2 * row + 1) * width, width));
            ReadOnlySpan<Vector512<float>> d = MemoryMarshal.Cast<float, Vector512<float>>(dy.Slice(row * width, width));
            for (int i = 0; i < d.Length; i++)
            {
                Vector512<float> s = Sigmoid(gate[i]);
                Vector512<float> silu = gate[i] * s;
                Vector512<float> slope = s + silu * (Vector512<float>.One - s);
                gate[i] = d[i] * up[i] * slope;
                up[i] = d[i] * silu;
            }
        }
    }

    /// <summary>Softmax in place over the first <paramref name="count"/> elements; the rest of the row becomes zero.</summary>
    public static void Softmax(Span<float> row, int count)
    {
        float maximum = float.NegativeInfinity;
        for (int i = 0; i < count; i++)
        {
            maximum = MathF.Max(maximum, row[i]);
        }

        row[count..].Fill(float.NegativeInfinity);
        Span<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(row);
        Vector512<float> shift = Vector512.Create(maximum);
        Vector512<float> sum = default;
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = i * Width < count ? Vector512.Exp(vectors[i] - shift) : default;
            sum += vectors[i];
        }

        float factor = 1 / Vector512.Sum(sum);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] *= factor;
        }
    }

    private static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Vector512.Exp(-x));
}
