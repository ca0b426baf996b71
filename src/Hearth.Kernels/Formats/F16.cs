using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>A 16-bit float (IEEE half): a format of one element per block.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct F16 : IEncodableFormat<F16>
{
    /// <summary>The value's bits.</summary>
    internal ushort Bits;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.F16;

    /// <inheritdoc/>
    public static int BlockElements => 1;

    /// <inheritdoc/>
    public static void Decode(F16* block, float* destination) => *destination = HalfTable.ToSingle(block->Bits);

    /// <inheritdoc/>
    public static void Encode(float* source, F16* block) => block->Bits = HalfTable.FromSingle(*source);

    /// <inheritdoc/>
    public static void SetScale(F16* block, float scale) =>
        block->Bits = HalfTable.FromSingle(scale * ((block->Bits & 0xFF) - (block->Bits >> 8)));
}
