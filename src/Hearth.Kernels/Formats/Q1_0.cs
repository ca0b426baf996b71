using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>128 elements of 1 bit: value = scale where the bit is set, -scale where not.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q1_0 : IEncodableFormat<Q1_0>
{
    private const int Elements = 128;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Eight elements per byte, the first in the lowest bit.</summary>
    internal fixed byte Codes[Elements / 8];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q1_0;

    /// <inheritdoc/>
    public static int BlockElements => Elements;

    /// <inheritdoc/>
    public static void Decode(Q1_0* block, float* destination)
    {
        uint minus = BitConverter.SingleToUInt32Bits(-HalfTable.ToSingle(block->Scale));
        for (int i = 0; i < Elements / 8; i++)
        {
            uint codes = block->Codes[i];
            for (int bit = 0; bit < 8; bit++)
            {
                *destination++ = BitConverter.UInt32BitsToSingle(minus ^ (codes >> bit << 31));
            }
        }
    }

    /// <inheritdoc/>
    public static void Encode<TLanes>(float* source, Q1_0* block)
        where TLanes : struct, ILanes<TLanes>
    {
        // The mean magnitude is the least-squares scale of the signs.
        *block = default;
        float sum = 0;
        for (int i = 0; i < Elements; i++)
        {
            sum += MathF.Abs(source[i]);
            block->Codes[i / 8] |= (byte)((source[i] >= 0 ? 1 : 0) << (i % 8));
        }

        ScaleSearch.Store(sum / Elements, &block->Scale);
    }

    /// <inheritdoc/>
    public static void SetScale(Q1_0* block, float scale) => block->Scale = HalfTable.FromSingle(scale);
}
