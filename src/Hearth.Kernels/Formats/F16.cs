using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>A 16-bit float (IEEE half): a format of one element per block.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct F16 : IHalfFormat<F16>
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
    public static void Encode<TLanes>(float* source, F16* block)
        where TLanes : struct, ILanes<TLanes> => block->Bits = HalfTable.FromSingle(*source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Round(Vector128<uint> bits)
    {
        Vector128<uint> magnitude = bits & Vector128.Create(0x7FFF_FFFFu), half = Vector128.Create(0.5f).AsUInt32();
        Vector128<uint> odd = (magnitude >> 13) & Vector128<uint>.One;
        Vector128<uint> normal = Vector128.Min((magnitude + odd - Vector128.Create(0x37FF_F001u)) >> 13, Vector128.Create(0x7C00u));
        Vector128<uint> subnormal = (magnitude.AsSingle() + half.AsSingle()).AsUInt32() - half;
        Vector128<uint> isSubnormal = Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(113 << 23)).AsUInt32();
        Vector128<uint> isNaN = Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(0x7F80_0000)).AsUInt32();
        Vector128<uint> rounded = Vector128.ConditionalSelect(isSubnormal, subnormal, normal);
        rounded = Vector128.ConditionalSelect(isNaN, Vector128.Create(0x7E00u), rounded);
        return rounded | ((bits >> 16) & Vector128.Create(0x8000u));
    }

    /// <inheritdoc/>
    public static void SetScale(F16* block, float scale) =>
        block->Bits = HalfTable.FromSingle(scale * ((block->Bits & 0xFF) - (block->Bits >> 8)));
}
