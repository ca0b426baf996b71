using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements of 3 bits in 16 sub-blocks of 16: value = Scale * (scale - 32) * (code - 4). The codes' low two bits lie as
/// <see cref="SuperBlock.TwoBitPlace"/> says; the high bit of element e is bit e / 32 of byte e % 32.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q3_K : IEncodableFormat<Q3_K>
{
    private const int SubBlock = SuperBlock.SmallSubBlock;
    private const int SubBlocks = SuperBlock.Elements / SubBlock;

    /// <summary>The high bits of the codes.</summary>
    internal fixed byte HighBits[SuperBlock.Elements / 8];

    /// <summary>The low two bits of the codes.</summary>
    internal fixed byte LowBits[SuperBlock.Elements / 4];

    /// <summary>
    /// 6-bit scales: bytes 0-7 have the low four bits of scales b (low nibble) and b + 8 (high nibble), bytes 8-11 the high two bits of
    /// scales b, b + 4, b + 8 and b + 12, from the lowest.
    /// </summary>
    internal fixed byte SubScales[12];

    /// <summary>The scale of the sub-blocks' scales, a half.</summary>
    internal ushort Scale;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q3_K;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    /// <inheritdoc/>
    public static void Decode(Q3_K* block, float* destination)
    {
        float blockScale = HalfTable.ToSingle(block->Scale);
        for (int b = 0; b < SubBlocks; b++)
        {
            (int start, int shift) = SuperBlock.TwoBitPlace(b);
            byte* high = block->HighBits + (b % 2 * SubBlock);
            float scale = blockScale * (SubScale(block, b) - 32);
            for (int i = 0; i < SubBlock; i++)
            {
                int code = ((block->LowBits[start + i] >> shift) & 3) | (((high[i] >> (b / 2)) & 1) << 2);
                destination[i] = scale * (code - 4);
            }

            destination += SubBlock;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q3_K* block)
        where TLanes : struct, ILanes<TLanes>
    {
        *block = default;
        byte* codes = stackalloc byte[SuperBlock.Elements];
        sbyte* scales = stackalloc sbyte[SubBlocks];
        SuperBlock.EncodeSymmetric<TLanes>(source, limit: 4, subScaleLimit: 32, step: 0.125f, &block->Scale, scales, codes);
        for (int b = 0; b < SubBlocks; b++)
        {
            (int start, int shift) = SuperBlock.TwoBitPlace(b);
            int scale = scales[b] + 32;
            block->SubScales[b % 8] |= (byte)((scale & 15) << (b / 8 * 4));
            block->SubScales[8 + (b % 4)] |= (byte)(scale >> 4 << (b / 4 * 2));
            CodePacking.Merge(codes, 0, 3, shift, block->LowBits + start);
            CodePacking.Merge(codes, 2, 1, b / 2, block->HighBits + (b % 2 * SubBlock));
            codes += SubBlock;
        }
    }

    /// <inheritdoc/>
    public static void SetScale(Q3_K* block, float scale) => block->Scale = HalfTable.FromSingle(scale / 32);

    /// <summary>A sub-block's scale, from 0 to 63.</summary>
    internal static int SubScale(Q3_K* block, int b) =>
        ((block->SubScales[b % 8] >> (b / 8 * 4)) & 15) | (((block->SubScales[8 + (b % 4)] >> (b / 4 * 2)) & 3) << 4);
}
