using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Simd;

/// <summary>
/// exp, tanh and the logistic function for floats. e^x = 2^n * e^r with n = round(x / ln 2), r = x - n ln 2, and e^r = 1 + r + r^2 P(r), P
/// of degree 4 interpolated at Chebyshev nodes on [-ln2/2, ln2/2]; relative error below 1.2e-7. The scalar forms give the same bits.
/// </summary>
internal static partial class FloatMath
{
    /// <summary>Below it <see cref="Exp(float)"/> gives zero: results stay normal numbers.</summary>
    private const float LowestExponent = -87f;

    private const float HighestExponent = 88f;
    private const float Log2E = 1.44269502f;
    private const float Ln2High = 0.693147182f;
    private const float Ln2Low = -1.90465432e-9f;
    private const float RoundingShift = 12582912f;
    private const float P0 = 0.5f;
    private const float P1 = 0.166665763f;
    private const float P2 = 0.0416665561f;
    private const float P3 = 0.00836320315f;
    private const float P4 = 0.00139262131f;

    /// <summary>e^x; zero below -87, e^88 above 88.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Exp<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes bounded = TLanes.Max(TLanes.Min(x, TLanes.Create(HighestExponent)), TLanes.Create(LowestExponent));
        return TLanes.SelectLess(x, TLanes.Create(LowestExponent), TLanes.Create(0f), ExpInRange(bounded));
    }

    /// <summary><see cref="Exp{TLanes}"/> for what is not above zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes ExpOfNegative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> =>
        TLanes.SelectLess(x, TLanes.Create(LowestExponent), TLanes.Create(0f), ExpInRange(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes ExpInRange<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes p = Reduce(x, out TLanes scale);
        return TLanes.MultiplyAdd(p, scale, scale);
    }

    /// <summary>e^x = (1 + p) * scale for x in range, with a power of two as the scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Reduce<TLanes>(TLanes x, out TLanes scale)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes shifted = TLanes.MultiplyAdd(x, TLanes.Create(Log2E), TLanes.Create(RoundingShift));
        TLanes n = TLanes.Subtract(shifted, TLanes.Create(RoundingShift));
        TLanes r = TLanes.MultiplyAdd(n, TLanes.Create(-Ln2High), x);
        r = TLanes.MultiplyAdd(n, TLanes.Create(-Ln2Low), r);
        TLanes p = TLanes.MultiplyAdd(TLanes.Create(P4), r, TLanes.Create(P3));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(P2));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(P1));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(P0));
        scale = TLanes.PowerOfTwo(shifted);
        return TLanes.MultiplyAdd(p, TLanes.Multiply(r, r), r);
    }

    /// <summary>The scalar twin of <see cref="Exp{TLanes}"/>.</summary>
    internal static float Exp(float x)
    {
        if (x < LowestExponent)
        {
            return 0f;
        }

        float p = Reduce(x < HighestExponent ? x : HighestExponent, out float scale);
        return MathF.FusedMultiplyAdd(p, scale, scale);
    }

    private static float Reduce(float x, out float scale)
    {
        float shifted = MathF.FusedMultiplyAdd(x, Log2E, RoundingShift);
        float n = shifted - RoundingShift;
        float r = MathF.FusedMultiplyAdd(n, -Ln2High, x);
        r = MathF.FusedMultiplyAdd(n, -Ln2Low, r);
        float p = MathF.FusedMultiplyAdd(P4, r, P3);
        p = MathF.FusedMultiplyAdd(p, r, P2);
        p = MathF.FusedMultiplyAdd(p, r, P1);
        p = MathF.FusedMultiplyAdd(p, r, P0);
        scale = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(shifted) << 23) + 0x3F800000);
        return MathF.FusedMultiplyAdd(p, r * r, r);
    }

    /// <summary>e^x - 1 without loss near zero: relative error below 2.4e-7; -1 below -87, e^88 above 88.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes ExpMinusOne<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes bounded = TLanes.Max(TLanes.Min(x, TLanes.Create(HighestExponent)), TLanes.Create(LowestExponent));
        TLanes p = Reduce(bounded, out TLanes scale);
        return TLanes.MultiplyAdd(p, scale, TLanes.Subtract(scale, TLanes.Create(1f)));
    }

    /// <summary>The scalar twin of <see cref="ExpMinusOne{TLanes}"/>.</summary>
    internal static float ExpMinusOne(float x)
    {
        float bounded = x < HighestExponent ? x : HighestExponent;
        bounded = bounded > LowestExponent ? bounded : LowestExponent;
        float p = Reduce(bounded, out float scale);
        return MathF.FusedMultiplyAdd(p, scale, scale - 1f);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Sigmoid<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> =>
        TLanes.Divide(TLanes.Create(1f), TLanes.Add(TLanes.Create(1f), Exp(TLanes.Subtract(TLanes.Create(0f), x))));

    /// <summary>The scalar twin of <see cref="Sigmoid{TLanes}"/>.</summary>
    internal static float Sigmoid(float x) => 1f / (1f + Exp(0f - x));

    /// <summary>x / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Silu<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> =>
        TLanes.Divide(x, TLanes.Add(TLanes.Create(1f), Exp(TLanes.Subtract(TLanes.Create(0f), x))));

    /// <summary>The scalar twin of <see cref="Silu{TLanes}"/>.</summary>
    internal static float Silu(float x) => x / (1f + Exp(0f - x));

    /// <summary>(e^2x - 1) / (e^2x + 1): relative error below 4e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Tanh<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes numerator = ExpMinusOne(TLanes.Add(x, x));
        return TLanes.Divide(numerator, TLanes.Add(numerator, TLanes.Create(2f)));
    }

    /// <summary>The scalar twin of <see cref="Tanh{TLanes}"/>.</summary>
    internal static float Tanh(float x)
    {
        float numerator = ExpMinusOne(x + x);
        return numerator / (numerator + 2f);
    }
}
