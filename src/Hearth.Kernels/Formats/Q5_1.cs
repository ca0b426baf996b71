using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 5 bits: value = code * scale + minimum. Bits lie as in <see cref="Q5_0"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q5_1 : IEncodableFormat<Q5_1>
{
    private const int Half = 16;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>The value of code 0, a half.</summary>
    internal ushort Minimum;

    /// <summary>Bit i is bit 4 of element i's code.</summary>
    internal uint HighBits;

    /// <summary>The low four bits, two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q5_1;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <inheritdoc/>
    public static void Decode(Q5_1* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale), minimum = HalfTable.ToSingle(block->Minimum);
        uint high = block->HighBits;
        for (int i = 0; i < Half; i++)
        {
            int codes = block->Codes[i];
            destination[i] = (((codes & 15) | ((int)(high >> i << 4) & 16)) * scale) + minimum;
            destination[i + Half] = (((codes >> 4) | ((int)(high >> (i + Half) << 4) & 16)) * scale) + minimum;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q5_1* block)
        where TLanes : struct, ILanes<TLanes>
    {
        (float scale, float offset) = ScaleSearch.Affine<TLanes>(source, 2 * Half, highest: 31, step: 0.25f, anyOffset: true);
        float inverse = ScaleSearch.Inverse(ScaleSearch.Store(scale, &block->Scale));
        float minimum = ScaleSearch.Store(offset, &block->Minimum);
        byte* codes = stackalloc byte[2 * Half];
        ScaleSearch.ToCodes<TLanes>(source, 2 * Half, inverse, -minimum * inverse, 0, 31, codes);
        CodePacking.StoreNibbles(codes, codes + Half, block->Codes);
        block->HighBits = CodePacking.Bits(codes, 4);
    }

    /// <inheritdoc/>
    public static void SetScale(Q5_1* block, float scale)
    {
        block->Scale = HalfTable.FromSingle(scale);
        block->Minimum = HalfTable.FromSingle(-15.5f * scale);
    }
}
