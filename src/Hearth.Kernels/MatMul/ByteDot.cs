using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// Products of bytes in vectors of 128 bits: with Arm64's dot products, without them, and on processors that are not Arm. Values are from
/// -127 to 127, so that two products with any signed bytes fit in 16 bits. All sums are exact.
/// </summary>
internal static class ByteDot
{
    /// <summary>Adds the products of 16 codes and 16 values to four sums; to which of them each goes is left open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> Add(Vector128<int> sums, Vector128<sbyte> codes, Vector128<sbyte> values)
    {
        if (Dp.IsSupported)
        {
            return Dp.DotProduct(sums, values, codes);
        }

        if (AdvSimd.IsSupported)
        {
            Vector128<short> products = AdvSimd.MultiplyWideningLower(codes.GetLower(), values.GetLower());
            return AdvSimd.AddPairwiseWideningAndAdd(sums, AdvSimd.MultiplyWideningUpperAndAdd(products, codes, values));
        }

        Vector128<short> pairs = (Vector128.WidenLower(codes) * Vector128.WidenLower(values)) + (Vector128.WidenUpper(codes) * Vector128.WidenUpper(values));
        return sums + Vector128.WidenLower(pairs) + Vector128.WidenUpper(pairs);
    }

    /// <summary>Adds the products of 16 codes with the values of four tokens to a sum per token.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="codes">The codes.</param>
    /// <param name="a0">Values of columns 0 to 3: four of the first token, then of the second, the third and the fourth.</param>
    /// <param name="a1">Values of columns 4 to 7.</param>
    /// <param name="a2">Values of columns 8 to 11.</param>
    /// <param name="a3">Values of columns 12 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> AddTokens(
        Vector128<int> sums, Vector128<sbyte> codes, Vector128<sbyte> a0, Vector128<sbyte> a1, Vector128<sbyte> a2, Vector128<sbyte> a3)
    {
        if (Dp.IsSupported)
        {
            sums = Dp.DotProductBySelectedQuadruplet(sums, a0, codes, 0);
            sums = Dp.DotProductBySelectedQuadruplet(sums, a1, codes, 1);
            sums = Dp.DotProductBySelectedQuadruplet(sums, a2, codes, 2);
            return Dp.DotProductBySelectedQuadruplet(sums, a3, codes, 3);
        }

        Vector128<sbyte> c0 = Four(codes, 0), c1 = Four(codes, 1), c2 = Four(codes, 2), c3 = Four(codes, 3);
        if (AdvSimd.Arm64.IsSupported)
        {
            Vector128<short> low0 = AdvSimd.MultiplyWideningLower(a0.GetLower(), c0.GetLower()), high0 = AdvSimd.MultiplyWideningUpper(a0, c0);
            Vector128<short> low2 = AdvSimd.MultiplyWideningLower(a2.GetLower(), c2.GetLower()), high2 = AdvSimd.MultiplyWideningUpper(a2, c2);
            low0 = AdvSimd.MultiplyWideningLowerAndAdd(low0, a1.GetLower(), c1.GetLower());
            high0 = AdvSimd.MultiplyWideningUpperAndAdd(high0, a1, c1);
            low2 = AdvSimd.MultiplyWideningLowerAndAdd(low2, a3.GetLower(), c3.GetLower());
            high2 = AdvSimd.MultiplyWideningUpperAndAdd(high2, a3, c3);
            Vector128<int> low = AdvSimd.AddPairwiseWideningAndAdd(AdvSimd.AddPairwiseWidening(low0), low2);
            return sums + AdvSimd.Arm64.AddPairwise(low, AdvSimd.AddPairwiseWideningAndAdd(AdvSimd.AddPairwiseWidening(high0), high2));
        }

        Vector128<int> first = AddPairs(Lower(a0, c0) + Lower(a1, c1)) + AddPairs(Lower(a2, c2) + Lower(a3, c3));
        return sums + AddPairwise(first, AddPairs(Upper(a0, c0) + Upper(a1, c1)) + AddPairs(Upper(a2, c2) + Upper(a3, c3)));
    }

    /// <summary>Adds products of 32-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> AddProducts(Vector128<int> sums, Vector128<int> a, Vector128<int> b) =>
        AdvSimd.IsSupported ? AdvSimd.MultiplyAdd(sums, a, b) : sums + (a * b);

    /// <summary>Adds the products of 32-bit integers with one of four scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> AddScaled(
        Vector128<int> sums, Vector128<int> values, Vector128<int> scales, [ConstantExpected(Min = (byte)0, Max = (byte)3)] byte scale) =>
        AdvSimd.IsSupported ? AdvSimd.MultiplyAddBySelectedScalar(sums, values, scales, scale) : sums + (values * scales.GetElement(scale));

    /// <summary>Adds the products of 16-bit integers to four sums; to which of them each goes is left open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> AddShorts(Vector128<int> sums, Vector128<short> a, Vector128<short> b)
    {
        if (AdvSimd.IsSupported)
        {
            sums = AdvSimd.MultiplyWideningLowerAndAdd(sums, a.GetLower(), b.GetLower());
            return AdvSimd.MultiplyWideningUpperAndAdd(sums, a, b);
        }

        return sums + (Vector128.WidenLower(a) * Vector128.WidenLower(b)) + (Vector128.WidenUpper(a) * Vector128.WidenUpper(b));
    }

    /// <summary>Sums of two neighbouring 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> AddPairs(Vector128<short> values) => AdvSimd.IsSupported
        ? AdvSimd.AddPairwiseWidening(values)
        : ((values.AsInt32() << 16) >> 16) + (values.AsInt32() >> 16);

    /// <summary>Sums of two neighbouring elements: two of the first vector, then two of the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> AddPairwise(Vector128<int> a, Vector128<int> b)
    {
        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(a, b);
        }

        Vector128<int> first = Vector128.Shuffle(a, Vector128.Create(0, 2, 1, 3)), second = Vector128.Shuffle(b, Vector128.Create(0, 2, 1, 3));
        return Vector128.Create(first.GetLower(), second.GetLower()) + Vector128.Create(first.GetUpper(), second.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Four(Vector128<sbyte> codes, [ConstantExpected(Min = (byte)0, Max = (byte)3)] byte index) =>
        AdvSimd.IsSupported
            ? AdvSimd.DuplicateSelectedScalarToVector128(codes.AsInt32(), index).AsSByte()
            : Vector128.Create(codes.AsInt32().GetElement(index)).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Lower(Vector128<sbyte> a, Vector128<sbyte> b) => Vector128.WidenLower(a) * Vector128.WidenLower(b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Upper(Vector128<sbyte> a, Vector128<sbyte> b) => Vector128.WidenUpper(a) * Vector128.WidenUpper(b);
}
