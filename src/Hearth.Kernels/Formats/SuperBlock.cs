using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>What the formats with super-blocks of 256 elements ("K" formats) share.</summary>
internal static unsafe class SuperBlock
{
    /// <summary>Elements of a super-block.</summary>
    internal const int Elements = 256;

    /// <summary>Elements of a sub-block in the formats with 16 of them.</summary>
    internal const int SmallSubBlock = 16;

    /// <summary>
    /// Where the two-bit codes of a sub-block of 16 start: byte and shift. Each 32 bytes hold 128 elements: element l of each 32 is in
    /// byte l, the first 32 in the lowest two bits.
    /// </summary>
    internal static (int Byte, int Shift) TwoBitPlace(int subBlock) =>
        ((subBlock / 8 * 32) + (subBlock % 2 * SmallSubBlock), subBlock % 8 / 2 * 2);

    /// <summary>Rounds to value = scale * subScale * code - minimumScale * subMinimum.</summary>
    /// <param name="source">256 values.</param>
    /// <param name="layout">The format's sizes.</param>
    /// <param name="scale">Where the scale of scales goes, a half.</param>
    /// <param name="minimumScale">Where the scale of minimums goes, a half.</param>
    /// <param name="subScales">Where a scale per sub-block goes.</param>
    /// <param name="subMinimums">Where a minimum per sub-block goes.</param>
    /// <param name="codes">Where 256 codes go, in element order.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void EncodeAffine<TLanes>(
        float* source, AffineLayout layout, ushort* scale, ushort* minimumScale, byte* subScales, byte* subMinimums, byte* codes)
        where TLanes : struct, ILanes<TLanes>
    {
        int subBlocks = Elements / layout.SubBlock;
        float* scales = stackalloc float[Elements / SmallSubBlock];
        float* minimums = stackalloc float[Elements / SmallSubBlock];
        float largestScale = 0, largestMinimum = 0;
        for (int b = 0; b < subBlocks; b++)
        {
            (scales[b], float offset) = ScaleSearch.Affine<TLanes>(
                source + (b * layout.SubBlock), layout.SubBlock, layout.HighestCode, layout.Step, anyOffset: false);
            minimums[b] = -offset;
            largestScale = MathF.Max(largestScale, scales[b]);
            largestMinimum = MathF.Max(largestMinimum, minimums[b]);
        }

        float blockScale = ScaleSearch.Store(largestScale / layout.HighestSubScale, scale);
        float blockMinimum = ScaleSearch.Store(largestMinimum / layout.HighestSubScale, minimumScale);
        for (int b = 0; b < subBlocks; b++)
        {
            float* values = source + (b * layout.SubBlock);
            (int subScale, int subMinimum) = NearestPair<TLanes>(values, layout, scales[b], minimums[b], blockScale, blockMinimum);
            float inverse = ScaleSearch.Inverse(blockScale * subScale), shift = blockMinimum * subMinimum * inverse;
            subScales[b] = (byte)subScale;
            subMinimums[b] = (byte)subMinimum;
            ScaleSearch.ToCodes<TLanes>(
                values, layout.SubBlock, inverse, shift, 0, layout.HighestCode, codes + (b * layout.SubBlock));
        }
    }

    /// <summary>Rounds to value = scale * subScale * (code - limit), in sub-blocks of 16.</summary>
    /// <param name="source">256 values.</param>
    /// <param name="limit">Codes are below twice this.</param>
    /// <param name="subScaleLimit">Scales of sub-blocks are from minus this to below this.</param>
    /// <param name="step">See <see cref="ScaleSearch.Symmetric"/>.</param>
    /// <param name="scale">Where the scale of scales goes, a half.</param>
    /// <param name="subScales">Where a scale per sub-block goes.</param>
    /// <param name="codes">Where 256 codes go, in element order.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void EncodeSymmetric<TLanes>(
        float* source, int limit, int subScaleLimit, float step, ushort* scale, sbyte* subScales, byte* codes)
        where TLanes : struct, ILanes<TLanes>
    {
        const int SubBlocks = Elements / SmallSubBlock;
        float* scales = stackalloc float[SubBlocks];
        for (int b = 0; b < SubBlocks; b++)
        {
            scales[b] = ScaleSearch.Symmetric<TLanes>(source + (b * SmallSubBlock), SmallSubBlock, limit, step);
        }

        float blockScale = ScaleSearch.Store(ScaleSearch.Extreme(scales, SubBlocks) / -subScaleLimit, scale);
        float inverseScale = ScaleSearch.Inverse(blockScale);
        for (int b = 0; b < SubBlocks; b++)
        {
            float* values = source + (b * SmallSubBlock);
            int first = ScaleSearch.FirstCandidate(scales[b] * inverseScale, subScaleLimit);
            TLanes candidates = ScaleSearch.Multiples<TLanes>(first, blockScale);
            TLanes errors = ScaleSearch.Errors(values, SmallSubBlock, candidates, TLanes.Create(0f), -limit, limit - 1);
            int subScale = first + ScaleSearch.Best(TLanes.Subtract(TLanes.Create(0f), errors));
            subScales[b] = (sbyte)subScale;
            ScaleSearch.ToCodes<TLanes>(
                values, SmallSubBlock, ScaleSearch.Inverse(blockScale * subScale), limit, 0, (2 * limit) - 1, codes + (b * SmallSubBlock));
        }
    }

    /// <summary>The low nibbles of 256 codes: each 32 bytes hold 64 elements, the first 32 in the low nibbles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void PackNibbles(byte* codes, byte* destination)
    {
        for (int i = 0; i < Elements / 2; i += SmallSubBlock)
        {
            byte* low = codes + (i / 32 * 64) + (i % 32);
            CodePacking.StoreNibbles(low, low + 32, destination + i);
        }
    }

    /// <summary>Of the integers around a scale and a minimum the pair that loses least.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int Scale, int Minimum) NearestPair<TLanes>(
        float* values, AffineLayout layout, float scale, float minimum, float blockScale, float blockMinimum)
        where TLanes : struct, ILanes<TLanes>
    {
        const int Half = 1;
        int last = layout.HighestSubScale - 3;
        int firstScale = Math.Clamp((int)(scale * ScaleSearch.Inverse(blockScale)) - Half, 0, last);
        int firstMinimum = Math.Clamp((int)(minimum * ScaleSearch.Inverse(blockMinimum)) - Half, 0, last);
        TLanes scales = TLanes.Multiply(
            TLanes.Add(TLanes.Load(ScaleSearch.Columns), TLanes.Create((float)firstScale)), TLanes.Create(blockScale));
        TLanes offsets = TLanes.Multiply(
            TLanes.Add(TLanes.Load(ScaleSearch.Rows), TLanes.Create((float)firstMinimum)), TLanes.Create(-blockMinimum));
        TLanes errors = ScaleSearch.Errors(values, layout.SubBlock, scales, offsets, 0, layout.HighestCode);
        int best = ScaleSearch.Best(TLanes.Subtract(TLanes.Create(0f), errors));
        return (firstScale + (best % 4), firstMinimum + (best / 4));
    }

    /// <summary>The sizes of a format with scales and minimums.</summary>
    /// <param name="SubBlock">Elements of a sub-block.</param>
    /// <param name="HighestCode">The largest code.</param>
    /// <param name="HighestSubScale">The largest scale, and minimum, of a sub-block.</param>
    /// <param name="Step">See <see cref="ScaleSearch.Affine"/>.</param>
    internal readonly record struct AffineLayout(int SubBlock, int HighestCode, int HighestSubScale, float Step);
}
