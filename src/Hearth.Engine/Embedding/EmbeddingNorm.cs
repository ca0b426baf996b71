namespace Hearth.Engine.Embedding;

/// <summary>Scales vectors to a norm; the numbers are those of llama.cpp's <c>embd_normalize</c>.</summary>
public static class EmbeddingNorm
{
    /// <summary>Leaves a vector as it is.</summary>
    public const int None = -1;

    /// <summary>The largest element becomes <see cref="MaxAbsoluteValue"/>.</summary>
    public const int MaxAbsolute = 0;

    /// <summary>The length becomes 1; a number p above 0 means the p-norm, of which this is one.</summary>
    public const int Euclidean = 2;

    /// <summary>The largest p.</summary>
    public const int MaxNorm = 64;

    /// <summary>What <see cref="MaxAbsolute"/> scales to: the range of 16-bit integers.</summary>
    public const float MaxAbsoluteValue = 32760;

    /// <summary>A scaled copy; a vector of zeros stays one.</summary>
    /// <param name="values">The vector.</param>
    /// <param name="norm">-1 none, 0 largest element, p for the p-norm.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such norm.</exception>
    public static float[] Scale(ReadOnlySpan<float> values, int norm = Euclidean)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(norm, None);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(norm, MaxNorm);
        double largest = 0;
        foreach (float value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        float[] result = values.ToArray();
        if (norm == None || largest == 0)
        {
            return result;
        }

        double divisor = norm == MaxAbsolute ? largest / MaxAbsoluteValue : largest * Length(values, largest, norm);
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = (float)(result[i] / divisor);
        }

        return result;
    }

    // Of the vector divided by its largest element, so that no power overflows.
    private static double Length(ReadOnlySpan<float> values, double largest, int norm)
    {
        double sum = 0;
        foreach (float value in values)
        {
            double element = Math.Abs(value) / largest;
            sum += norm == Euclidean ? element * element : Math.Pow(element, norm);
        }

        return norm == Euclidean ? Math.Sqrt(sum) : Math.Pow(sum, 1.0 / norm);
    }
}
