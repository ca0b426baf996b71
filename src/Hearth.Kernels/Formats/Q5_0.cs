using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 5 bits: value = (code - 16) * scale. Nibbles lie as in <see cref="Q4_0"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q5_0 : IEncodableFormat<Q5_0>
{
    private const int Half = 16;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Bit i is bit 4 of element i's code.</summary>
    internal uint HighBits;

    /// <summary>The low four bits, two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q5_0;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <inheritdoc/>
    public static void Decode(Q5_0* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale);
        uint high = block->HighBits;
        for (int i = 0; i < Half; i++)
        {
            int codes = block->Codes[i];
            destination[i] = (((codes & 15) | ((int)(high >> i << 4) & 16)) - 16) * scale;
            destination[i + Half] = (((codes >> 4) | ((int)(high >> (i + Half) << 4) & 16)) - 16) * scale;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q5_0* block)
        where TLanes : struct, ILanes<TLanes>
    {
        float inverse = ScaleSearch.Inverse(
            ScaleSearch.Store(ScaleSearch.Symmetric<TLanes>(source, 2 * Half, limit: 16, step: 0.25f), &block->Scale));
        byte* codes = stackalloc byte[2 * Half];
        ScaleSearch.ToCodes<TLanes>(source, 2 * Half, inverse, 16, 0, 31, codes);
        CodePacking.StoreNibbles(codes, codes + Half, block->Codes);
        block->HighBits = CodePacking.Bits(codes, 4);
    }

    /// <inheritdoc/>
    public static void SetScale(Q5_0* block, float scale) => block->Scale = HalfTable.FromSingle(scale);
}
