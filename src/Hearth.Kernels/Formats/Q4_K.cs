using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements of 4 bits in eight sub-blocks of 32: value = Scale * scale * code - MinimumScale * minimum. Each 32 bytes of codes hold
/// two sub-blocks: the low nibbles, then the high ones.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q4_K : IEncodableFormat<Q4_K>
{
    private const int Elements = 256;
    private const int SubBlock = 32;

    /// <summary>The scale of the sub-blocks' scales, a half.</summary>
    internal ushort Scale;

    /// <summary>The scale of the sub-blocks' minimums, a half.</summary>
    internal ushort MinimumScale;

    /// <summary>Eight 6-bit scales and minimums; see <see cref="PackedScales"/>.</summary>
    internal fixed byte SubScales[PackedScales.Bytes];

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[Elements / 2];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q4_K;

    /// <inheritdoc/>
    public static int BlockElements => Elements;

    /// <inheritdoc/>
    public static void Decode(Q4_K* block, float* destination)
    {
        byte* scales = stackalloc byte[PackedScales.Count];
        byte* minimums = stackalloc byte[PackedScales.Count];
        PackedScales.Unpack(block->SubScales, scales, minimums);
        float blockScale = HalfTable.ToSingle(block->Scale);
        float minimumScale = HalfTable.ToSingle(block->MinimumScale);
        for (int b = 0; b < PackedScales.Count; b++)
        {
            float scale = blockScale * scales[b];
            float minimum = minimumScale * minimums[b];
            byte* codes = block->Codes + (b / 2 * SubBlock);
            int shift = b % 2 * 4;
            for (int i = 0; i < SubBlock; i++)
            {
                destination[i] = (scale * ((codes[i] >> shift) & 15)) - minimum;
            }

            destination += SubBlock;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q4_K* block)
        where TLanes : struct, ILanes<TLanes>
    {
        byte* codes = stackalloc byte[Elements];
        byte* scales = stackalloc byte[PackedScales.Count];
        byte* minimums = stackalloc byte[PackedScales.Count];
        var layout = new SuperBlock.AffineLayout(SubBlock, HighestCode: 15, HighestSubScale: 63, Step: 0.1875f);
        SuperBlock.EncodeAffine<TLanes>(source, layout, &block->Scale, &block->MinimumScale, scales, minimums, codes);
        PackedScales.Pack(scales, minimums, block->SubScales);
        SuperBlock.PackNibbles(codes, block->Codes);
    }

    /// <inheritdoc/>
    public static void SetScale(Q4_K* block, float scale)
    {
        PackedScales.MakeEqual(block->SubScales);
        block->Scale = HalfTable.FromSingle(scale / 64);
        block->MinimumScale = HalfTable.FromSingle(7.5f * scale / 64);
    }
}
