using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 4 bits: value = code * scale + minimum. Nibbles lie as in <see cref="Q4_0"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q4_1 : IEncodableFormat<Q4_1>
{
    private const int Half = 16;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>The value of code 0, a half.</summary>
    internal ushort Minimum;

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q4_1;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <inheritdoc/>
    public static void Decode(Q4_1* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale), minimum = HalfTable.ToSingle(block->Minimum);
        for (int i = 0; i < Half; i++)
        {
            int codes = block->Codes[i];
            destination[i] = ((codes & 15) * scale) + minimum;
            destination[i + Half] = ((codes >> 4) * scale) + minimum;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q4_1* block)
        where TLanes : struct, ILanes<TLanes>
    {
        (float scale, float offset) = ScaleSearch.Affine<TLanes>(source, 2 * Half, highest: 15, step: 0.1875f, anyOffset: true);
        float inverse = ScaleSearch.Inverse(ScaleSearch.Store(scale, &block->Scale));
        float minimum = ScaleSearch.Store(offset, &block->Minimum);
        byte* codes = stackalloc byte[2 * Half];
        ScaleSearch.ToCodes<TLanes>(source, 2 * Half, inverse, -minimum * inverse, 0, 15, codes);
        CodePacking.StoreNibbles(codes, codes + Half, block->Codes);
    }

    /// <inheritdoc/>
    public static void SetScale(Q4_1* block, float scale)
    {
        block->Scale = HalfTable.FromSingle(scale);
        block->Minimum = HalfTable.FromSingle(-7.5f * scale);
    }
}
