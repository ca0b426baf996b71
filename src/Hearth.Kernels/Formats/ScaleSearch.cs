using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// What the encoders share: sixteen ways to round the values of a block are tried at once, one per lane, and the one that loses least is
/// taken. Every lane sums in the order of the values, so that all instruction-set levels give the same bits.
/// </summary>
internal static unsafe class ScaleSearch
{
    /// <summary>Ways to round that are tried at once.</summary>
    internal const int Candidates = 16;

    /// <summary>Below this a scale cannot be divided by: it stands for a block of zeros.</summary>
    private const float LeastScale = 1e-38f;

    // Added to a float below 2^22, it leaves the nearest integer (ties to even) in the last bits.
    internal const float Rounder = 12582912f;

    /// <summary>0 to 15.</summary>
    internal static readonly float* Indices = Build(index => index);

    /// <summary>0 to 3, four times.</summary>
    internal static readonly float* Columns = Build(index => index % 4);

    /// <summary>0 to 3, each four times.</summary>
    internal static readonly float* Rows = Build(index => index / 4);

    /// <summary>The value of the largest magnitude of a few, with its sign; the first of equals.</summary>
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
    /// <param name="values">The values.</param>
    /// <param name="count">A multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (float Lowest, float Highest) Range<TLanes>(float* values, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes highest = TLanes.Load(values), lowest = highest;
        for (int i = Candidates; i < count; i += Candidates)
        {
            TLanes value = TLanes.Load(values + i);
            highest = TLanes.Max(highest, value);
            lowest = TLanes.Min(lowest, value);
        }

        return (-TLanes.MaxAcross(TLanes.Subtract(TLanes.Create(0f), lowest)), TLanes.MaxAcross(highest));
    }

    /// <summary>The value of the largest magnitude, with its sign; of equals the positive one.</summary>
    /// <param name="values">The values.</param>
    /// <param name="count">A multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Extreme<TLanes>(float* values, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        (float lowest, float highest) = Range<TLanes>(values, count);
        return highest >= -lowest ? highest : lowest;
    }

    /// <summary>The reciprocal, or 0 where that is not finite: a scale too small to divide by stands for a block of zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Inverse(float scale)
    {
        float inverse = 1 / scale;
        return float.IsFinite(inverse) ? inverse : 0;
    }

    /// <summary>The reciprocals, or 0 where a scale is too small to divide by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Inverse<TLanes>(TLanes scale)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes zero = TLanes.Create(0f), magnitude = TLanes.Max(scale, TLanes.Subtract(zero, scale));
        return TLanes.SelectLess(magnitude, TLanes.Create(LeastScale), zero, TLanes.Divide(TLanes.Create(1f), scale));
    }

    /// <summary>The first of sixteen integers around a value, all from minus the limit to below it.</summary>
    internal static int FirstCandidate(float value, int limit) =>
        Math.Clamp(Round(value, -limit, limit - 1) - (Candidates / 2), -limit, limit - Candidates);

    /// <summary>The products of a scale and sixteen integers.</summary>
    internal static TLanes Multiples<TLanes>(int first, float scale)
        where TLanes : struct, ILanes<TLanes> =>
        TLanes.Multiply(TLanes.Add(TLanes.Load(Indices), TLanes.Create((float)first)), TLanes.Create(scale));

    /// <summary>Stores a scale as a half, no further from zero than the largest finite one, and returns what was stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    /// The scale s that makes sum (x - s q)^2 small, for codes q in [-limit, limit - 1]: of sixteen ways to round, each with its
    /// least-squares scale s = sum(x q) / sum(q q), the one that explains most, which is that of the largest sum(x q)^2 / sum(q q).
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="count">A multiple of 16.</param>
    /// <param name="limit">Codes are from minus this to below this.</param>
    /// <param name="step">How far apart the codes are that the largest magnitude is tried at.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Symmetric<TLanes>(float* values, int count, int limit, float step)
        where TLanes : struct, ILanes<TLanes>
    {
        float extreme = Extreme<TLanes>(values, count);
        TLanes target = TLanes.MultiplyAdd(TLanes.Load(Indices), TLanes.Create(-step), TLanes.Create((7 * step) - limit));
        TLanes inverse = TLanes.Multiply(target, TLanes.Create(Inverse(extreme)));
        Sums(values, count, inverse, TLanes.Create(0f), -limit, limit - 1, out _, out TLanes squares, out TLanes products);
        TLanes scale = TLanes.Divide(products, TLanes.Max(squares, TLanes.Create(1f)));
        float* scales = stackalloc float[Candidates];
        TLanes.Store(scales, scale);
        return scales[Best(TLanes.Multiply(products, scale))];
    }

    /// <summary>
    /// The scale s and offset o that make sum (x - (s q + o))^2 small, for codes q in [0, highest]: of sixteen ways to round, each with
    /// its least-squares line, the one with the least error. An offset that must not be positive and would be is 0.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="count">A multiple of 16.</param>
    /// <param name="highest">The largest code.</param>
    /// <param name="step">How far apart the codes are that the largest value is tried at.</param>
    /// <param name="anyOffset">Whether the offset may be positive.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (float Scale, float Offset) Affine<TLanes>(float* values, int count, int highest, float step, bool anyOffset)
        where TLanes : struct, ILanes<TLanes>
    {
        (float low, float high) = Range<TLanes>(values, count);
        low = anyOffset ? low : MathF.Min(low, 0);
        TLanes target = TLanes.MultiplyAdd(TLanes.Load(Indices), TLanes.Create(step), TLanes.Create(highest - (8 * step)));
        TLanes inverse = TLanes.Multiply(target, TLanes.Create(Inverse(high - low)));
        TLanes shift = TLanes.Multiply(inverse, TLanes.Create(-low));
        Sums(values, count, inverse, shift, 0, highest, out TLanes codes, out TLanes squares, out TLanes products);
        TLanes sums = TLanes.Load(values);
        for (int i = Candidates; i < count; i += Candidates)
        {
            sums = TLanes.Add(sums, TLanes.Load(values + i));
        }

        TLanes zero = TLanes.Create(0f), one = TLanes.Create(1f);
        TLanes sum = TLanes.Create(TLanes.Sum(sums)), number = TLanes.Create((float)count);
        TLanes covariance = TLanes.Subtract(TLanes.Multiply(number, products), TLanes.Multiply(sum, codes));
        TLanes variance = TLanes.Max(TLanes.Subtract(TLanes.Multiply(number, squares), TLanes.Multiply(codes, codes)), one);
        TLanes scale = TLanes.Divide(covariance, variance);
        TLanes perElement = TLanes.Create(1f / count);
        TLanes offset = TLanes.Multiply(TLanes.Subtract(sum, TLanes.Multiply(scale, codes)), perElement);
        TLanes gain = TLanes.Multiply(TLanes.Multiply(scale, covariance), perElement);
        if (!anyOffset)
        {
            TLanes through = TLanes.Divide(products, TLanes.Max(squares, one));
            TLanes constant = TLanes.Multiply(TLanes.Multiply(sum, sum), perElement);
            gain = TLanes.SelectLess(zero, offset, TLanes.Subtract(TLanes.Multiply(through, products), constant), gain);
            scale = TLanes.SelectLess(zero, offset, through, scale);
            offset = TLanes.Min(offset, zero);
        }

        float* lanes = stackalloc float[2 * Candidates];
        TLanes.Store(lanes, scale);
        TLanes.Store(lanes + Candidates, offset);
        int best = Best(gain);
        return (lanes[best], lanes[Candidates + best]);
    }

    /// <summary>sum (x - (s q + o))^2 with the best codes q in [lowest, highest], for sixteen scales and offsets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static TLanes Errors<TLanes>(float* values, int count, TLanes scale, TLanes offset, int lowest, int highest)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes zero = TLanes.Create(0f), rounder = TLanes.Create(Rounder), inverse = Inverse(scale);
        TLanes negative = TLanes.Subtract(zero, scale), shift = TLanes.Multiply(TLanes.Subtract(zero, offset), inverse);
        TLanes low = TLanes.Create(Rounder + lowest), high = TLanes.Create(Rounder + highest), errors = zero;
        for (int i = 0; i < count; i++)
        {
            TLanes value = TLanes.Create(values[i]);
            TLanes code = TLanes.Add(TLanes.MultiplyAdd(value, inverse, shift), rounder);
            code = TLanes.Subtract(TLanes.Max(TLanes.Min(code, high), low), rounder);
            TLanes error = TLanes.MultiplyAdd(negative, code, TLanes.Subtract(value, offset));
            errors = TLanes.MultiplyAdd(error, error, errors);
        }

        return errors;
    }

    /// <summary>The first lane with the largest value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Best<TLanes>(TLanes gains)
        where TLanes : struct, ILanes<TLanes>
    {
        // Without a branch, which nothing could foretell: all lanes but the largest are taken out, and of these the first is wanted.
        TLanes largest = TLanes.Create(TLanes.MaxAcross(gains)), none = TLanes.Create((float)-Candidates);
        TLanes places = TLanes.SelectLess(gains, largest, none, TLanes.Subtract(TLanes.Create(0f), TLanes.Load(Indices)));
        return Math.Min(-float.ConvertToIntegerNative<int>(TLanes.MaxAcross(places)), Candidates - 1);
    }

    /// <summary>The codes of values: the integers of [lowest, highest] nearest to x * inverse + shift, as bytes.</summary>
    /// <param name="values">The values.</param>
    /// <param name="count">A multiple of 16.</param>
    /// <param name="inverse">The factor.</param>
    /// <param name="shift">Added to the product.</param>
    /// <param name="lowest">The least code.</param>
    /// <param name="highest">The largest code.</param>
    /// <param name="codes">Where they go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ToCodes<TLanes>(float* values, int count, float inverse, float shift, int lowest, int highest, byte* codes)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes factor = TLanes.Create(inverse), added = TLanes.Create(shift), rounder = TLanes.Create(Rounder);
        TLanes low = TLanes.Create(Rounder + lowest), high = TLanes.Create(Rounder + highest);
        int* rounded = stackalloc int[Candidates];
        for (int i = 0; i < count; i += Candidates)
        {
            TLanes code = TLanes.Add(TLanes.MultiplyAdd(TLanes.Load(values + i), factor, added), rounder);
            TLanes.Store((float*)rounded, TLanes.Max(TLanes.Min(code, high), low));
            CodePacking.Narrow(rounded, codes + i);
        }
    }

    /// <summary>For sixteen ways to round, sum q, sum q q and sum x q of the codes q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sums<TLanes>(
        float* values,
        int count,
        TLanes inverse,
        TLanes shift,
        int lowest,
        int highest,
        out TLanes codes,
        out TLanes squares,
        out TLanes products)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes rounder = TLanes.Create(Rounder), low = TLanes.Create(Rounder + lowest), high = TLanes.Create(Rounder + highest);
        TLanes sum = TLanes.Create(0f), sumOfSquares = sum, sumOfProducts = sum;
        for (int i = 0; i < count; i++)
        {
            TLanes value = TLanes.Create(values[i]);
            TLanes code = TLanes.Add(TLanes.MultiplyAdd(value, inverse, shift), rounder);
            code = TLanes.Subtract(TLanes.Max(TLanes.Min(code, high), low), rounder);
            sum = TLanes.Add(sum, code);
            sumOfSquares = TLanes.MultiplyAdd(code, code, sumOfSquares);
            sumOfProducts = TLanes.MultiplyAdd(value, code, sumOfProducts);
        }

        codes = sum;
        squares = sumOfSquares;
        products = sumOfProducts;
    }

    private static float* Build(Func<int, float> value)
    {
        float* table = (float*)NativeMemory.AlignedAlloc(Candidates * sizeof(float), 64);
        for (int i = 0; i < Candidates; i++)
        {
            table[i] = value(i);
        }

        return table;
    }
}
