using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>64 elements of 2 bits: value = (code - 1) * scale.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q2_0 : IEncodableFormat<Q2_0>
{
    private const int Elements = 64;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Four elements per byte, the first in the lowest bits.</summary>
    internal fixed byte Codes[Elements / 4];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q2_0;

    /// <inheritdoc/>
    public static int BlockElements => Elements;

    /// <inheritdoc/>
    public static void Decode(Q2_0* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale);
        for (int i = 0; i < Elements; i++)
        {
            destination[i] = (((block->Codes[i / 4] >> (i % 4 * 2)) & 3) - 1) * scale;
        }
    }

    /// <inheritdoc/>
    public static void Encode<TLanes>(float* source, Q2_0* block)
        where TLanes : struct, ILanes<TLanes>
    {
        // The search is for codes from -2 to 1; these go from -1 to 2, so its scale is the negative of this one.
        *block = default;
        float inverse = ScaleSearch.Inverse(ScaleSearch.Store(-ScaleSearch.Symmetric<TLanes>(source, Elements, limit: 2, step: 0.125f), &block->Scale));
        for (int i = 0; i < Elements; i++)
        {
            block->Codes[i / 4] |= (byte)((ScaleSearch.Round(source[i] * inverse, -1, 2) + 1) << (i % 4 * 2));
        }
    }

    /// <inheritdoc/>
    public static void SetScale(Q2_0* block, float scale) => block->Scale = HalfTable.FromSingle(scale);
}
