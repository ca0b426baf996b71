using System.Numerics;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>A 32-bit float: a format of one element per block.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct F32 : IEncodableFormat<F32>
{
    /// <summary>The value.</summary>
    internal float Value;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.F32;

    /// <inheritdoc/>
    public static int BlockElements => 1;

    /// <inheritdoc/>
    public static void Decode(F32* block, float* destination) => *destination = block->Value;

    /// <inheritdoc/>
    public static void Encode<TLanes>(float* source, F32* block)
        where TLanes : struct, ILanes<TLanes> => block->Value = *source;

    /// <inheritdoc/>
    public static void SetScale(F32* block, float scale)
    {
        // The sum of 32 fair bits is close to normal; the low bits' value makes the steps between sums fine.
        uint random = BitConverter.SingleToUInt32Bits(block->Value);
        block->Value = scale * (BitOperations.PopCount(random) - 16 + ((random & 0xFFFF) / 65536f) - 0.5f);
    }
}
