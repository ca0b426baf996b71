using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 4 bits: value = (code - 8) * scale. Low nibbles are the first 16 elements, high nibbles the last.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q4_0 : IEncodableFormat<Q4_0>
{
    private const int Half = 16;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q4_0;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <inheritdoc/>
    public static void Decode(Q4_0* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale);
        for (int i = 0; i < Half; i++)
        {
            int codes = block->Codes[i];
            destination[i] = ((codes & 15) - 8) * scale;
            destination[i + Half] = ((codes >> 4) - 8) * scale;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q4_0* block)
        where TLanes : struct, ILanes<TLanes>
    {
        float inverse = ScaleSearch.Inverse(
            ScaleSearch.Store(ScaleSearch.Symmetric<TLanes>(source, 2 * Half, limit: 8, step: 0.1875f), &block->Scale));
        byte* codes = stackalloc byte[2 * Half];
        ScaleSearch.ToCodes<TLanes>(source, 2 * Half, inverse, 8, 0, 15, codes);
        CodePacking.StoreNibbles(codes, codes + Half, block->Codes);
    }

    /// <inheritdoc/>
    public static void SetScale(Q4_0* block, float scale) => block->Scale = HalfTable.FromSingle(scale);
}
