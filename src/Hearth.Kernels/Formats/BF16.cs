using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>The upper 16 bits of a 32-bit float: a format of one element per block.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct BF16 : IEncodableFormat<BF16>
{
    /// <summary>The value's bits.</summary>
    internal ushort Bits;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.BF16;

    /// <inheritdoc/>
    public static int BlockElements => 1;

    /// <inheritdoc/>
    public static void Decode(BF16* block, float* destination) => *destination = BitConverter.UInt32BitsToSingle((uint)block->Bits << 16);

    /// <inheritdoc/>
    public static void Encode(float* source, BF16* block) => block->Bits = FromSingle(*source);

    /// <inheritdoc/>
    public static void SetScale(BF16* block, float scale) =>
        block->Bits = FromSingle(scale * ((block->Bits & 0xFF) - (block->Bits >> 8)));

    /// <summary>The bits of the nearest value, ties to even; a NaN stays one.</summary>
    private static ushort FromSingle(float value)
    {
        const uint QuietBit = 0x40;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | QuietBit)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
