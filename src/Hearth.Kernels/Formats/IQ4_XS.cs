using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements of 4 bits in eight sub-blocks of 32: value = Scale * (scale - 32) * <see cref="IQ4_NL.Values"/>[code].
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct IQ4_XS : IEncodableFormat<IQ4_XS>
{
    private const int SubBlock = 32;
    private const int SubBlocks = SuperBlock.Elements / SubBlock;
    private const int SubScaleLimit = 32;

    /// <summary>The scale of the sub-blocks' scales, a half.</summary>
    internal ushort Scale;

    /// <summary>The high two bits of the sub-blocks' scales, the first lowest.</summary>
    internal ushort HighSubScales;

    /// <summary>The low four bits of the sub-blocks' scales.</summary>
    internal fixed byte LowSubScales[SubBlocks / 2];

    /// <summary>Two codes per byte, in each sub-block as in <see cref="Q4_0"/>.</summary>
    internal fixed byte Codes[SuperBlock.Elements / 2];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.IQ4_XS;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    /// <inheritdoc/>
    public static void Decode(IQ4_XS* block, float* destination)
    {
        float blockScale = HalfTable.ToSingle(block->Scale);
        for (int b = 0; b < SubBlocks; b++)
        {
            int scale = ((block->LowSubScales[b / 2] >> (b % 2 * 4)) & 15) | (((block->HighSubScales >> (2 * b)) & 3) << 4);
            IQ4_NL.Expand(block->Codes + (b * SubBlock / 2), blockScale * (scale - SubScaleLimit), destination);
            destination += SubBlock;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, IQ4_XS* block)
        where TLanes : struct, ILanes<TLanes>
    {
        *block = default;
        float* scales = stackalloc float[SubBlocks];
        for (int b = 0; b < SubBlocks; b++)
        {
            scales[b] = IQ4_NL.SearchScale<TLanes>(source + (b * SubBlock));
        }

        float blockScale = ScaleSearch.Store(ScaleSearch.Extreme(scales, SubBlocks) / -SubScaleLimit, &block->Scale);
        float inverseScale = ScaleSearch.Inverse(blockScale);
        int high = 0;
        for (int b = 0; b < SubBlocks; b++)
        {
            float* values = source + (b * SubBlock);
            int first = ScaleSearch.FirstCandidate(scales[b] * inverseScale, SubScaleLimit);
            TLanes errors = IQ4_NL.Errors(values, ScaleSearch.Multiples<TLanes>(first, blockScale));
            int scale = first + ScaleSearch.Best(TLanes.Subtract(TLanes.Create(0f), errors));
            IQ4_NL.Round<TLanes>(values, blockScale * scale, block->Codes + (b * SubBlock / 2));
            scale += SubScaleLimit;
            block->LowSubScales[b / 2] |= (byte)((scale & 15) << (b % 2 * 4));
            high |= scale >> 4 << (2 * b);
        }

        block->HighSubScales = (ushort)high;
    }

    /// <inheritdoc/>
    public static void SetScale(IQ4_XS* block, float scale) => block->Scale = HalfTable.FromSingle(scale / SubScaleLimit);
}
