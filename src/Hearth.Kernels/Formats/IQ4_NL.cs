using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 4 bits: value = scale * Values[code]. Nibbles lie as in <see cref="Q4_0"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct IQ4_NL : IEncodableFormat<IQ4_NL>
{
    private const int Half = 16;
    private const int CodeCount = 16;
    private static readonly float* s_middles = BuildMiddles();
    private static readonly float* s_targets = BuildTargets();

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.IQ4_NL;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <summary>The values of the 16 codes, ascending; <see cref="IQ4_XS"/> has the same.</summary>
    internal static ReadOnlySpan<sbyte> Values => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <inheritdoc/>
    public static void Decode(IQ4_NL* block, float* destination) => Expand(block->Codes, HalfTable.ToSingle(block->Scale), destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, IQ4_NL* block)
        where TLanes : struct, ILanes<TLanes> =>
        Round<TLanes>(source, ScaleSearch.Store(SearchScale<TLanes>(source), &block->Scale), block->Codes);

    /// <inheritdoc/>
    public static void SetScale(IQ4_NL* block, float scale) => block->Scale = HalfTable.FromSingle(scale);

    /// <summary>Writes the 32 values of 16 bytes of codes.</summary>
    internal static void Expand(byte* codes, float scale, float* destination)
    {
        ReadOnlySpan<sbyte> values = Values;
        for (int i = 0; i < Half; i++)
        {
            destination[i] = scale * values[codes[i] & 15];
            destination[i + Half] = scale * values[codes[i] >> 4];
        }
    }

    /// <summary>
    /// The scale that loses little of 32 values: as <see cref="ScaleSearch.Symmetric"/>, with the extreme near both ends of the values.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float SearchScale<TLanes>(float* source)
        where TLanes : struct, ILanes<TLanes>
    {
        float inverseExtreme = ScaleSearch.Inverse(ScaleSearch.Extreme<TLanes>(source, 2 * Half));
        TLanes inverse = TLanes.Multiply(TLanes.Load(s_targets), TLanes.Create(inverseExtreme));
        Sums(source, inverse, out TLanes squares, out TLanes products);
        TLanes scale = TLanes.Divide(products, squares);
        float* scales = stackalloc float[ScaleSearch.Candidates];
        TLanes.Store(scales, scale);
        return scales[ScaleSearch.Best(TLanes.Multiply(products, scale))];
    }

    /// <summary>sum (x - s v)^2 with the best values v, for sixteen scales s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static TLanes Errors<TLanes>(float* source, TLanes scale)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes zero = TLanes.Create(0f), inverse = ScaleSearch.Inverse(scale), negative = TLanes.Subtract(zero, scale), errors = zero;
        for (int i = 0; i < 2 * Half; i++)
        {
            TLanes value = TLanes.Create(source[i]);
            TLanes error = TLanes.MultiplyAdd(negative, Nearest(TLanes.Multiply(value, inverse)), value);
            errors = TLanes.MultiplyAdd(error, error, errors);
        }

        return errors;
    }

    /// <summary>Rounds 32 values, given their scale, to 16 bytes of codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Round<TLanes>(float* source, float scale, byte* destination)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes inverse = TLanes.Create(ScaleSearch.Inverse(scale)), one = TLanes.Create(1f);
        int* rounded = stackalloc int[ScaleSearch.Candidates];
        byte* codes = stackalloc byte[2 * Half];
        for (int i = 0; i < 2 * Half; i += ScaleSearch.Candidates)
        {
            TLanes value = TLanes.Multiply(TLanes.Load(source + i), inverse), code = TLanes.Create(ScaleSearch.Rounder);
            for (int k = 1; k < CodeCount; k++)
            {
                code = TLanes.SelectLess(value, TLanes.Create(s_middles[k]), code, TLanes.Add(code, one));
            }

            TLanes.Store((float*)rounded, code);
            CodePacking.Narrow(rounded, codes + i);
        }

        CodePacking.StoreNibbles(codes, codes + Half, destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sums<TLanes>(float* source, TLanes inverse, out TLanes squares, out TLanes products)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sumOfSquares = TLanes.Create(0f), sumOfProducts = sumOfSquares;
        for (int i = 0; i < 2 * Half; i++)
        {
            TLanes value = TLanes.Create(source[i]), nearest = Nearest(TLanes.Multiply(value, inverse));
            sumOfSquares = TLanes.MultiplyAdd(nearest, nearest, sumOfSquares);
            sumOfProducts = TLanes.MultiplyAdd(value, nearest, sumOfProducts);
        }

        squares = sumOfSquares;
        products = sumOfProducts;
    }

    /// <summary>The nearest of <see cref="Values"/> in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Nearest<TLanes>(TLanes value)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes nearest = TLanes.Create(-127f);
        nearest = TLanes.SelectLess(value, TLanes.Create(-115.5f), nearest, TLanes.Create(-104f));
        nearest = TLanes.SelectLess(value, TLanes.Create(-93.5f), nearest, TLanes.Create(-83f));
        nearest = TLanes.SelectLess(value, TLanes.Create(-74f), nearest, TLanes.Create(-65f));
        nearest = TLanes.SelectLess(value, TLanes.Create(-57f), nearest, TLanes.Create(-49f));
        nearest = TLanes.SelectLess(value, TLanes.Create(-42f), nearest, TLanes.Create(-35f));
        nearest = TLanes.SelectLess(value, TLanes.Create(-28.5f), nearest, TLanes.Create(-22f));
        nearest = TLanes.SelectLess(value, TLanes.Create(-16f), nearest, TLanes.Create(-10f));
        nearest = TLanes.SelectLess(value, TLanes.Create(-4.5f), nearest, TLanes.Create(1f));
        nearest = TLanes.SelectLess(value, TLanes.Create(7f), nearest, TLanes.Create(13f));
        nearest = TLanes.SelectLess(value, TLanes.Create(19f), nearest, TLanes.Create(25f));
        nearest = TLanes.SelectLess(value, TLanes.Create(31.5f), nearest, TLanes.Create(38f));
        nearest = TLanes.SelectLess(value, TLanes.Create(45.5f), nearest, TLanes.Create(53f));
        nearest = TLanes.SelectLess(value, TLanes.Create(61f), nearest, TLanes.Create(69f));
        nearest = TLanes.SelectLess(value, TLanes.Create(79f), nearest, TLanes.Create(89f));
        return TLanes.SelectLess(value, TLanes.Create(101f), nearest, TLanes.Create(113f));
    }

    /// <summary>Where the value of the largest magnitude is tried: eight places around either end of the values.</summary>
    private static float* BuildTargets()
    {
        float* targets = (float*)NativeMemory.AlignedAlloc(ScaleSearch.Candidates * sizeof(float), 64);
        for (int i = 0; i < ScaleSearch.Candidates / 2; i++)
        {
            targets[i] = Values[0] + (4 * (i - 4));
            targets[i + (ScaleSearch.Candidates / 2)] = Values[^1] + (4 * (i - 4));
        }

        return targets;
    }

    /// <summary>Entry k is the middle between values k - 1 and k.</summary>
    private static float* BuildMiddles()
    {
        float* middles = (float*)NativeMemory.AlignedAlloc(CodeCount * sizeof(float), 64);
        middles[0] = float.NegativeInfinity;
        for (int k = 1; k < CodeCount; k++)
        {
            middles[k] = (Values[k - 1] + Values[k]) / 2f;
        }

        return middles;
    }
}
