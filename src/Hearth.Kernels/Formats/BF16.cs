using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>The upper 16 bits of a 32-bit float: a format of one element per block.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct BF16 : IHalfFormat<BF16>
{
    private const uint QuietBit = 0x40;

    /// <summary>The value's bits.</summary>
    internal ushort Bits;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.BF16;

    /// <inheritdoc/>
    public static int BlockElements => 1;

    /// <inheritdoc/>
    public static void Decode(BF16* block, float* destination) => *destination = BitConverter.UInt32BitsToSingle((uint)block->Bits << 16);

    /// <inheritdoc/>
    public static void Encode<TLanes>(float* source, BF16* block)
        where TLanes : struct, ILanes<TLanes> => block->Bits = FromSingle(*source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Round(Vector128<uint> bits)
    {
        Vector128<uint> nearest = (bits + Vector128.Create(0x7FFFu) + ((bits >> 16) & Vector128<uint>.One)) >> 16;
        Vector128<uint> magnitude = bits & Vector128.Create(0x7FFF_FFFFu);
        Vector128<uint> isNaN = Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(0x7F80_0000)).AsUInt32();
        return Vector128.ConditionalSelect(isNaN, (bits >> 16) | Vector128.Create(QuietBit), nearest);
    }

    /// <inheritdoc/>
    public static void SetScale(BF16* block, float scale) =>
        block->Bits = FromSingle(scale * ((block->Bits & 0xFF) - (block->Bits >> 8)));

    /// <summary>The bits of the nearest value, ties to even; a NaN stays one.</summary>
    private static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | QuietBit)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
