using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Simd;

/// <summary>
/// exp, tanh and the logistic function for floats. e^x = 2^n * e^r with n = round(x / ln 2), r = x - n ln 2, and e^r = 1 + r + r^2 P(r), P
/// of degree 4 interpolated at Chebyshev nodes on [-ln2/2, ln2/2]; relative error below 1.2e-7. The scalar forms give the same bits.
/// </summary>
internal static class FloatMath
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
        TLanes shifted = TLanes.MultiplyAdd(x, TLanes.Create(Log2E), TLanes.Create(RoundingShift));
        TLanes n = TLanes.Subtract(shifted, TLanes.Create(RoundingShift));
        TLanes r = TLanes.MultiplyAdd(n, TLanes.Create(-Ln2High), x);
        r = TLanes.MultiplyAdd(n, TLanes.Create(-Ln2Low), r);
        TLanes p = TLanes.MultiplyAdd(TLanes.Create(P4), r, TLanes.Create(P3));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(P2));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(P1));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(P0));
        p = TLanes.MultiplyAdd(p, TLanes.Multiply(r, r), r);
        TLanes scale = TLanes.PowerOfTwo(shifted);
        return TLanes.MultiplyAdd(p, scale, scale);
    }

    /// <summary>The scalar twin of <see cref="Exp{TLanes}"/>.</summary>
    internal static float Exp(float x)
    {
        if (x < LowestExponent)
        {
            return 0f;
        }

        float bounded = x < HighestExponent ? x : HighestExponent;
        float shifted = MathF.FusedMultiplyAdd(bounded, Log2E, RoundingShift);
        float n = shifted - RoundingShift;
        float r = MathF.FusedMultiplyAdd(n, -Ln2High, bounded);
        r = MathF.FusedMultiplyAdd(n, -Ln2Low, r);
        float p = MathF.FusedMultiplyAdd(P4, r, P3);
        p = MathF.FusedMultiplyAdd(p, r, P2);
        p = MathF.FusedMultiplyAdd(p, r, P1);
        p = MathF.FusedMultiplyAdd(p, r, P0);
        p = MathF.FusedMultiplyAdd(p, r * r, r);
        float scale = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(shifted) << 23) + 0x3F800000);
        return MathF.FusedMultiplyAdd(p, scale, scale);
    }

    /// <summary>x / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Silu<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> =>
        TLanes.Divide(x, TLanes.Add(TLanes.Create(1f), Exp(TLanes.Subtract(TLanes.Create(0f), x))));

    /// <summary>The scalar twin of <see cref="Silu{TLanes}"/>.</summary>
    internal static float Silu(float x) => x / (1f + Exp(0f - x));

    /// <summary>1 - 2 / (e^2x + 1): absolute error below 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Tanh<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes one = TLanes.Create(1f);
        return TLanes.Subtract(one, TLanes.Divide(TLanes.Create(2f), TLanes.Add(Exp(TLanes.Add(x, x)), one)));
    }

    /// <summary>The scalar twin of <see cref="Tanh{TLanes}"/>.</summary>
    internal static float Tanh(float x) => 1f - (2f / (Exp(x + x) + 1f));
}
