using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Simd;

/// <content>log(1 + e^x), and the normal distribution's lower tail. Polynomials are interpolated at Chebyshev nodes.</content>
internal static partial class FloatMath
{
    private const float HalfSplitter = 8193f;
    private const float HalfOverflow = 65520f;
    private const float SmallestNormalHalf = 6.103515625e-5f;
    private const float SubnormalHalfSplitter = 0.75f;

    /// <summary>
    /// The nearest half as a float (Veltkamp's splitting, Dekker 1971: 11 bits by a product with 2^13 + 1; below the smallest normal half
    /// multiples of 2^-24, the last place of 0.75). What no half holds stays as it is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes RoundToHalf<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes product = TLanes.Multiply(x, TLanes.Create(HalfSplitter));
        TLanes normal = TLanes.Add(product, TLanes.Subtract(x, product));
        TLanes splitter = TLanes.Create(SubnormalHalfSplitter);
        TLanes subnormal = TLanes.Subtract(TLanes.Add(x, splitter), splitter);
        TLanes magnitude = TLanes.Max(x, TLanes.Subtract(TLanes.Create(0f), x));
        TLanes rounded = TLanes.SelectLess(magnitude, TLanes.Create(SmallestNormalHalf), subnormal, normal);
        return TLanes.SelectLess(magnitude, TLanes.Create(HalfOverflow), rounded, x);
    }

    /// <summary>The scalar twin.</summary>
    public static float RoundToHalf(float x)
    {
        float product = x * HalfSplitter;
        float normal = product + (x - product);
        float subnormal = x + SubnormalHalfSplitter - SubnormalHalfSplitter;
        float magnitude = MathF.Abs(x);
        return magnitude < SmallestNormalHalf ? subnormal : magnitude < HalfOverflow ? normal : x;
    }

    private const float L0 = 0.3333333432674408f;
    private const float L1 = 0.19999852776527405f;
    private const float L2 = 0.142961785197258f;
    private const float L3 = 0.1085328757762909f;
    private const float L4 = 0.11612164974212646f;

    private const float SquareRootOfHalf = 0.707106769f;
    private const float T0 = 0.2820826768875122f;
    private const float T1 = 0.2824450433254242f;
    private const float T2 = 0.24257288873195648f;
    private const float T3 = 0.20485365390777588f;
    private const float T4 = -0.03184175863862038f;
    private const float T5 = 0.28569769859313965f;
    private const float T6 = -0.49386364221572876f;
    private const float T7 = 0.28776830434799194f;
    private const float T8 = -0.059714920818805695f;

    /// <summary>
    /// log(1 + e^x) = max(x, 0) + log(1 + t) with t = e^-|x|, and log(1 + t) = 2 artanh(s) = 2s + 2s^3 L(s^2) with s = t / (2 + t), L of
    /// degree 4 on [0, 1/9]: relative error below 4e-7; zero below -87.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Softplus<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes zero = TLanes.Create(0f);
        TLanes negated = TLanes.Subtract(zero, x);
        TLanes t = Exp(TLanes.SelectLess(zero, x, negated, x));
        TLanes s = TLanes.Divide(t, TLanes.Add(TLanes.Create(2f), t));
        TLanes square = TLanes.Multiply(s, s);
        TLanes l = TLanes.MultiplyAdd(TLanes.Create(L4), square, TLanes.Create(L3));
        l = TLanes.MultiplyAdd(l, square, TLanes.Create(L2));
        l = TLanes.MultiplyAdd(l, square, TLanes.Create(L1));
        l = TLanes.MultiplyAdd(l, square, TLanes.Create(L0));
        TLanes twice = TLanes.Add(s, s);
        TLanes logarithm = TLanes.MultiplyAdd(TLanes.Multiply(twice, square), l, twice);
        return TLanes.Add(TLanes.SelectLess(zero, x, x, zero), logarithm);
    }

    /// <summary>The scalar twin of <see cref="Softplus{TLanes}"/>.</summary>
    internal static float Softplus(float x)
    {
        float t = Exp(0f < x ? 0f - x : x);
        float s = t / (2f + t);
        float square = s * s;
        float l = MathF.FusedMultiplyAdd(L4, square, L3);
        l = MathF.FusedMultiplyAdd(l, square, L2);
        l = MathF.FusedMultiplyAdd(l, square, L1);
        l = MathF.FusedMultiplyAdd(l, square, L0);
        float twice = s + s;
        float logarithm = MathF.FusedMultiplyAdd(twice * square, l, twice);
        return (0f < x ? x : 0f) + logarithm;
    }

    /// <summary>
    /// The share of a normal distribution below -|x|: erfc(z) / 2 with z = |x| / sqrt(2), where erfc(z) = e^(-z^2) t T(t), t = 2 / (2 + z),
    /// T of degree 8 for z in [0, 10]: relative error below 4e-7 (1 + z^2).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes NormalTail<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes zero = TLanes.Create(0f);
        TLanes z = TLanes.Multiply(TLanes.SelectLess(x, zero, TLanes.Subtract(zero, x), x), TLanes.Create(SquareRootOfHalf));
        TLanes t = TLanes.Divide(TLanes.Create(2f), TLanes.Add(TLanes.Create(2f), z));
        TLanes p = TLanes.MultiplyAdd(TLanes.Create(T8), t, TLanes.Create(T7));
        p = TLanes.MultiplyAdd(p, t, TLanes.Create(T6));
        p = TLanes.MultiplyAdd(p, t, TLanes.Create(T5));
        p = TLanes.MultiplyAdd(p, t, TLanes.Create(T4));
        p = TLanes.MultiplyAdd(p, t, TLanes.Create(T3));
        p = TLanes.MultiplyAdd(p, t, TLanes.Create(T2));
        p = TLanes.MultiplyAdd(p, t, TLanes.Create(T1));
        p = TLanes.MultiplyAdd(p, t, TLanes.Create(T0));
        TLanes exponential = Exp(TLanes.Subtract(zero, TLanes.Multiply(z, z)));
        return TLanes.Multiply(TLanes.Multiply(exponential, TLanes.Create(0.5f)), TLanes.Multiply(t, p));
    }

    /// <summary>The scalar twin of <see cref="NormalTail{TLanes}"/>.</summary>
    internal static float NormalTail(float x)
    {
        float z = (x < 0f ? 0f - x : x) * SquareRootOfHalf;
        float t = 2f / (2f + z);
        float p = MathF.FusedMultiplyAdd(T8, t, T7);
        p = MathF.FusedMultiplyAdd(p, t, T6);
        p = MathF.FusedMultiplyAdd(p, t, T5);
        p = MathF.FusedMultiplyAdd(p, t, T4);
        p = MathF.FusedMultiplyAdd(p, t, T3);
        p = MathF.FusedMultiplyAdd(p, t, T2);
        p = MathF.FusedMultiplyAdd(p, t, T1);
        p = MathF.FusedMultiplyAdd(p, t, T0);
        return Exp(0f - (z * z)) * 0.5f * (t * p);
    }
}
