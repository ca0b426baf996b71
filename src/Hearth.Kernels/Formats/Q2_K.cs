using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements of 2 bits in 16 sub-blocks of 16: value = Scale * scale * code - MinimumScale * minimum; see
/// <see cref="SuperBlock.TwoBitPlace"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q2_K : IEncodableFormat<Q2_K>
{
    private const int SubBlock = SuperBlock.SmallSubBlock;
    private const int SubBlocks = SuperBlock.Elements / SubBlock;

    /// <summary>Per sub-block: the scale (low nibble) and the minimum (high nibble).</summary>
    internal fixed byte SubScales[SubBlocks];

    /// <summary>Four codes per byte.</summary>
    internal fixed byte Codes[SuperBlock.Elements / 4];

    /// <summary>The scale of the sub-blocks' scales, a half.</summary>
    internal ushort Scale;

    /// <summary>The scale of the sub-blocks' minimums, a half.</summary>
    internal ushort MinimumScale;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q2_K;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    /// <inheritdoc/>
    public static void Decode(Q2_K* block, float* destination)
    {
        float blockScale = HalfTable.ToSingle(block->Scale), minimumScale = HalfTable.ToSingle(block->MinimumScale);
        for (int b = 0; b < SubBlocks; b++)
        {
            (int start, int shift) = SuperBlock.TwoBitPlace(b);
            float scale = blockScale * (block->SubScales[b] & 15);
            float minimum = minimumScale * (block->SubScales[b] >> 4);
            for (int i = 0; i < SubBlock; i++)
            {
                destination[i] = (scale * ((block->Codes[start + i] >> shift) & 3)) - minimum;
            }

            destination += SubBlock;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q2_K* block)
        where TLanes : struct, ILanes<TLanes>
    {
        byte* codes = stackalloc byte[SuperBlock.Elements];
        byte* scales = stackalloc byte[SubBlocks];
        byte* minimums = stackalloc byte[SubBlocks];
        var layout = new SuperBlock.AffineLayout(SubBlock, HighestCode: 3, HighestSubScale: 15, Step: 0.0625f);
        SuperBlock.EncodeAffine<TLanes>(source, layout, &block->Scale, &block->MinimumScale, scales, minimums, codes);
        CodePacking.StoreNibbles(scales, minimums, block->SubScales);
        new Span<byte>(block->Codes, SuperBlock.Elements / 4).Clear();
        for (int b = 0; b < SubBlocks; b++)
        {
            (int start, int shift) = SuperBlock.TwoBitPlace(b);
            CodePacking.Merge(codes + (b * SubBlock), 0, 3, shift, block->Codes + start);
        }
    }

    /// <inheritdoc/>
    public static void SetScale(Q2_K* block, float scale)
    {
        // Scale and minimum of a sub-block are equal, from 8 to 15.
        uint* words = (uint*)block->SubScales;
        for (int i = 0; i < SubBlocks / 4; i++)
        {
            uint nibbles = (words[i] & 0x0707_0707) | 0x0808_0808;
            words[i] = nibbles | (nibbles << 4);
        }

        block->Scale = HalfTable.FromSingle(scale / 16);
        block->MinimumScale = HalfTable.FromSingle(1.5f * scale / 16);
    }
}
