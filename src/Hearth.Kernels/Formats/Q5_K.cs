using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements of 5 bits: <see cref="Q4_K"/> with a fifth bit. The high bit of element l of sub-block b is bit b of byte l.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q5_K : IEncodableFormat<Q5_K>
{
    private const int SubBlock = 32;

    /// <summary>The scale of the sub-blocks' scales, a half.</summary>
    internal ushort Scale;

    /// <summary>The scale of the sub-blocks' minimums, a half.</summary>
    internal ushort MinimumScale;

    /// <summary>Eight 6-bit scales and minimums; see <see cref="PackedScales"/>.</summary>
    internal fixed byte SubScales[PackedScales.Bytes];

    /// <summary>The high bits of the codes.</summary>
    internal fixed byte HighBits[SubBlock];

    /// <summary>The low four bits, two codes per byte.</summary>
    internal fixed byte Codes[SuperBlock.Elements / 2];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q5_K;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    /// <inheritdoc/>
    public static void Decode(Q5_K* block, float* destination)
    {
        byte* scales = stackalloc byte[PackedScales.Count];
        byte* minimums = stackalloc byte[PackedScales.Count];
        PackedScales.Unpack(block->SubScales, scales, minimums);
        float blockScale = HalfTable.ToSingle(block->Scale), minimumScale = HalfTable.ToSingle(block->MinimumScale);
        for (int b = 0; b < PackedScales.Count; b++)
        {
            float scale = blockScale * scales[b];
            float minimum = minimumScale * minimums[b];
            byte* codes = block->Codes + (b / 2 * SubBlock);
            int shift = b % 2 * 4;
            for (int i = 0; i < SubBlock; i++)
            {
                int code = ((codes[i] >> shift) & 15) | (((block->HighBits[i] >> b) & 1) << 4);
                destination[i] = (scale * code) - minimum;
            }

            destination += SubBlock;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q5_K* block)
        where TLanes : struct, ILanes<TLanes>
    {
        byte* codes = stackalloc byte[SuperBlock.Elements];
        byte* scales = stackalloc byte[PackedScales.Count];
        byte* minimums = stackalloc byte[PackedScales.Count];
        var layout = new SuperBlock.AffineLayout(SubBlock, HighestCode: 31, HighestSubScale: 63, Step: 0.25f);
        SuperBlock.EncodeAffine<TLanes>(source, layout, &block->Scale, &block->MinimumScale, scales, minimums, codes);
        PackedScales.Pack(scales, minimums, block->SubScales);
        SuperBlock.PackNibbles(codes, block->Codes);
        new Span<byte>(block->HighBits, SubBlock).Clear();
        for (int i = 0; i < SuperBlock.Elements; i += SuperBlock.SmallSubBlock)
        {
            CodePacking.Merge(codes + i, 4, 1, i / SubBlock, block->HighBits + (i % SubBlock));
        }
    }

    /// <inheritdoc/>
    public static void SetScale(Q5_K* block, float scale)
    {
        PackedScales.MakeEqual(block->SubScales);
        block->Scale = HalfTable.FromSingle(scale / 64);
        block->MinimumScale = HalfTable.FromSingle(15.5f * scale / 64);
    }
}
