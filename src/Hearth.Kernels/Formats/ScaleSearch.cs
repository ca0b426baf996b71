using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Formats;

/// <summary>What the encoders share: rounding, and the search for the scale that loses least.</summary>
internal static unsafe class ScaleSearch
{
    private const int Steps = 10;

    /// <summary>The value of the largest magnitude, with its sign; the first of equals.</summary>
    internal static float Extreme(float* values, int count)
    {
        float extreme = 0;
        for (int i = 0; i < count; i++)
        {
            if (MathF.Abs(values[i]) > MathF.Abs(extreme))
            {
                extreme = values[i];
            }
        }

        return extreme;
    }

    /// <summary>The smallest and the largest value.</summary>
    internal static (float Lowest, float Highest) Range(float* values, int count)
    {
        float lowest = values[0], highest = values[0];
        for (int i = 1; i < count; i++)
        {
            lowest = MathF.Min(lowest, values[i]);
            highest = MathF.Max(highest, values[i]);
        }

        return (lowest, highest);
    }

    /// <summary>The reciprocal, or 0 where that is not finite: a scale too small to divide by stands for a block of zeros.</summary>
    internal static float Inverse(float scale)
    {
        float inverse = 1 / scale;
        return float.IsFinite(inverse) ? inverse : 0;
    }

    /// <summary>Stores a scale as a half, no further from zero than the largest finite one, and returns what was stored.</summary>
    internal static float Store(float scale, ushort* bits)
    {
        const float Largest = 65504;
        *bits = HalfTable.FromSingle(MathF.Min(MathF.Max(scale, -Largest), Largest));
        return HalfTable.ToSingle(*bits);
    }

    /// <summary>The integer of a range that is nearest to a value (ties to even); any of the range for a NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Round(float value, int lowest, int highest) =>
        float.ConvertToIntegerNative<int>(MathF.Round(float.MinNative(float.MaxNative(value, lowest), highest)));

    /// <summary>
    /// The scale s that makes sum (x - s q)^2 small, for codes q in [-limit, limit - 1]: of a few ways to round, each with its
    /// least-squares scale s = sum(x q) / sum(q q), the one that explains most, which is that of the largest sum(x q)^2 / sum(q q).
    /// </summary>
    internal static float Symmetric(float* values, int count, int limit)
    {
        float extreme = Extreme(values, count);
        float best = 0, scale = 0;
        for (int step = -Steps; step <= Steps; step++)
        {
            float inverse = -(limit + (0.1f * step)) * Inverse(extreme);
            float products = 0, squares = 0;
            for (int i = 0; i < count; i++)
            {
                int code = Round(values[i] * inverse, -limit, limit - 1);
                products += values[i] * code;
                squares += code * code;
            }

            if (squares > 0 && products * products > best * squares)
            {
                scale = products / squares;
                best = products * scale;
            }
        }

        return scale;
    }

    /// <summary>
    /// The scale s and minimum m, neither negative, that make sum (x - (s q - m))^2 small, for codes q in [0, highest]: of a few
    /// ways to round, each with its least-squares line, the one with the least error.
    /// </summary>
    internal static (float Scale, float Minimum) Affine(float* values, int count, int highest)
    {
        float low = 0, high = values[0];
        double sum = 0, squares = 0;
        for (int i = 0; i < count; i++)
        {
            low = MathF.Min(low, values[i]);
            high = MathF.Max(high, values[i]);
            sum += values[i];
            squares += (double)values[i] * values[i];
        }

        double bestError = double.PositiveInfinity;
        (float Scale, float Minimum) best = (0, -low);
        for (int step = -Steps; step <= Steps && high > low; step++)
        {
            float inverse = (highest + (0.1f * step)) * Inverse(high - low);
            int codes = 0, codeSquares = 0;
            double products = 0;
            for (int i = 0; i < count; i++)
            {
                int code = Round((values[i] - low) * inverse, 0, highest);
                codes += code;
                codeSquares += code * code;
                products += (double)values[i] * code;
            }

            double determinant = ((double)count * codeSquares) - ((double)codes * codes);
            double scale = determinant > 0 ? ((count * products) - (sum * codes)) / determinant : 0;
            double offset = (sum - (scale * codes)) / count;
            if (offset > 0)
            {
                offset = 0;
                scale = codeSquares > 0 ? products / codeSquares : 0;
            }

            double error = squares + (scale * scale * codeSquares) + (count * offset * offset)
                + (2 * ((scale * offset * codes) - (scale * products) - (offset * sum)));
            if (scale >= 0 && error < bestError)
            {
                bestError = error;
                best = ((float)scale, (float)-offset);
            }
        }

        return best;
    }
}
