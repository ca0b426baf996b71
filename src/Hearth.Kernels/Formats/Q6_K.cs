using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements of 6 bits in 16 sub-blocks of 16: value = Scale * scale * (code - 32). Each half of 128 elements has 64 bytes of low
/// bits (elements l and l + 64 share byte l % 64) and 32 of high bits (elements l, l + 32, l + 64, l + 96 share a byte).
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q6_K : IEncodableFormat<Q6_K>
{
    private const int Elements = 256;
    private const int SubBlock = SuperBlock.SmallSubBlock;

    /// <summary>The low four bits of the codes.</summary>
    internal fixed byte LowBits[Elements / 2];

    /// <summary>The high two bits of the codes.</summary>
    internal fixed byte HighBits[Elements / 4];

    /// <summary>The sub-blocks' scales.</summary>
    internal fixed sbyte SubScales[Elements / SubBlock];

    /// <summary>The scale of the scales, a half.</summary>
    internal ushort Scale;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q6_K;

    /// <inheritdoc/>
    public static int BlockElements => Elements;

    /// <inheritdoc/>
    public static void Decode(Q6_K* block, float* destination)
    {
        float blockScale = HalfTable.ToSingle(block->Scale);
        for (int b = 0; b < Elements / SubBlock; b++)
        {
            (int low, int lowShift) = LowPlace(b);
            (int high, int highShift) = SuperBlock.TwoBitPlace(b);
            float scale = blockScale * block->SubScales[b];
            for (int i = 0; i < SubBlock; i++)
            {
                int code = ((block->LowBits[low + i] >> lowShift) & 15) | ((block->HighBits[high + i] >> highShift & 3) << 4);
                destination[i] = scale * (code - 32);
            }

            destination += SubBlock;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q6_K* block)
        where TLanes : struct, ILanes<TLanes>
    {
        *block = default;
        byte* codes = stackalloc byte[Elements];
        SuperBlock.EncodeSymmetric<TLanes>(source, limit: 32, subScaleLimit: 128, step: 0.375f, &block->Scale, block->SubScales, codes);
        for (int b = 0; b < Elements / SubBlock; b++)
        {
            (int low, int lowShift) = LowPlace(b);
            (int high, int highShift) = SuperBlock.TwoBitPlace(b);
            CodePacking.Merge(codes, 0, 15, lowShift, block->LowBits + low);
            CodePacking.Merge(codes, 4, 3, highShift, block->HighBits + high);
            codes += SubBlock;
        }
    }

    /// <inheritdoc/>
    public static void SetScale(Q6_K* block, float scale) => block->Scale = HalfTable.FromSingle(scale / 64);

    /// <summary>Where a sub-block's low bits start: byte and shift.</summary>
    private static (int Byte, int Shift) LowPlace(int subBlock) => ((subBlock / 8 * 64) + (subBlock % 4 * SubBlock), subBlock % 8 / 4 * 4);
}
