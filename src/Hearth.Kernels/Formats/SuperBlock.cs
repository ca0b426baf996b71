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
    internal static void EncodeAffine(
        float* source, AffineLayout layout, ushort* scale, ushort* minimumScale, byte* subScales, byte* subMinimums, byte* codes)
    {
        int subBlocks = Elements / layout.SubBlock;
        float* scales = stackalloc float[Elements / SmallSubBlock];
        float* minimums = stackalloc float[Elements / SmallSubBlock];
        for (int b = 0; b < subBlocks; b++)
        {
            (scales[b], minimums[b]) = ScaleSearch.Affine(source + (b * layout.SubBlock), layout.SubBlock, layout.HighestCode);
        }

        float blockScale = ScaleSearch.Store(ScaleSearch.Extreme(scales, subBlocks) / layout.HighestSubScale, scale);
        float blockMinimum = ScaleSearch.Store(ScaleSearch.Extreme(minimums, subBlocks) / layout.HighestSubScale, minimumScale);
        for (int b = 0; b < subBlocks; b++)
        {
            subScales[b] = (byte)ScaleSearch.Round(scales[b] * ScaleSearch.Inverse(blockScale), 0, layout.HighestSubScale);
            subMinimums[b] = (byte)ScaleSearch.Round(minimums[b] * ScaleSearch.Inverse(blockMinimum), 0, layout.HighestSubScale);
            float inverse = ScaleSearch.Inverse(blockScale * subScales[b]);
            float minimum = blockMinimum * subMinimums[b];
            for (int i = b * layout.SubBlock; i < (b + 1) * layout.SubBlock; i++)
            {
                codes[i] = (byte)ScaleSearch.Round((source[i] + minimum) * inverse, 0, layout.HighestCode);
            }
        }
    }

    /// <summary>Rounds to value = scale * subScale * (code - limit), in sub-blocks of 16.</summary>
    /// <param name="source">256 values.</param>
    /// <param name="limit">Codes are below twice this.</param>
    /// <param name="subScaleLimit">Scales of sub-blocks are from minus this to below this.</param>
    /// <param name="scale">Where the scale of scales goes, a half.</param>
    /// <param name="subScales">Where a scale per sub-block goes.</param>
    /// <param name="codes">Where 256 codes go, in element order.</param>
    internal static void EncodeSymmetric(float* source, int limit, int subScaleLimit, ushort* scale, sbyte* subScales, byte* codes)
    {
        const int SubBlocks = Elements / SmallSubBlock;
        float* scales = stackalloc float[SubBlocks];
        for (int b = 0; b < SubBlocks; b++)
        {
            scales[b] = ScaleSearch.Symmetric(source + (b * SmallSubBlock), SmallSubBlock, limit);
        }

        float blockScale = ScaleSearch.Store(ScaleSearch.Extreme(scales, SubBlocks) / -subScaleLimit, scale);
        for (int b = 0; b < SubBlocks; b++)
        {
            int subScale = ScaleSearch.Round(scales[b] * ScaleSearch.Inverse(blockScale), -subScaleLimit, subScaleLimit - 1);
            float inverse = ScaleSearch.Inverse(blockScale * subScale);
            subScales[b] = (sbyte)subScale;
            for (int i = b * SmallSubBlock; i < (b + 1) * SmallSubBlock; i++)
            {
                codes[i] = (byte)(ScaleSearch.Round(source[i] * inverse, -limit, limit - 1) + limit);
            }
        }
    }

    /// <summary>The sizes of a format with scales and minimums.</summary>
    /// <param name="SubBlock">Elements of a sub-block.</param>
    /// <param name="HighestCode">The largest code.</param>
    /// <param name="HighestSubScale">The largest scale, and minimum, of a sub-block.</param>
    internal readonly record struct AffineLayout(int SubBlock, int HighestCode, int HighestSubScale);
}
