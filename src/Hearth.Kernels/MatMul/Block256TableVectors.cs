using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>Sums of <see cref="IQ4_XS"/> with AVX2.</summary>
internal readonly unsafe struct IQ4_XSAvx2 : IBlock256Vectors, IBlock256Codes
{
    private const int SubScalesOffset = 4;
    private const int CodesOffset = 8;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ4_XS);

    /// <inheritdoc/>
    public static int SubBlock => 32;

    /// <inheritdoc/>
    public static int ScaleOffset => 0;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => -1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, Block256* destination)
    {
        Vector128<short> scales = SubScales(block);
        (scales.AsByte() & Vector128.Create((short)0xFF).AsByte() | (scales << 8).AsByte()).AsSByte().Store(destination->Scales);
        destination->Scale = HalfTable.ToSingle(*(ushort*)block);
        for (int b = 0; b < 8; b++)
        {
            IQ4_NLAvx2.Values(block + CodesOffset + (16 * b)).Store(destination->Codes + (32 * b));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(byte* block, ActivationBlock256* source)
    {
        Vector128<short> subScales = SubScales(block);
        Vector256<byte> scales = Vector256.Create(subScales, subScales).AsByte();
        byte* codes = block + CodesOffset;
        sbyte* values = source->Values;
        Prefetch.Ahead(block);
        Vector256<int> products = Scaled(codes, values, scales, 0x0100) + Scaled(codes + 16, values + 32, scales, 0x0302);
        products += Scaled(codes + 32, values + 64, scales, 0x0504) + Scaled(codes + 48, values + 96, scales, 0x0706);
        Prefetch.Ahead(block + 46);
        products += Scaled(codes + 64, values + 128, scales, 0x0908) + Scaled(codes + 80, values + 160, scales, 0x0B0A);
        Prefetch.Ahead(block + 92);
        products += Scaled(codes + 96, values + 192, scales, 0x0D0C) + Scaled(codes + 112, values + 224, scales, 0x0F0E);
        Vector128<int> halves = products.GetLower() + products.GetUpper();
        return halves + Sse2.Shuffle(halves, 0b10_11_00_01);
    }

    /// <summary>The eight scales, from -32 to 31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> SubScales(byte* block)
    {
        // Multiplication puts the two high bits of each scale on top.
        Vector128<byte> packed = Vector128.CreateScalarUnsafe(*(uint*)(block + SubScalesOffset)).AsByte(), mask = Vector128.Create((byte)15);
        Vector128<short> low = Sse41.ConvertToVector128Int16(Sse2.UnpackLow(packed & mask, (packed.AsUInt16() >>> 4).AsByte() & mask));
        Vector128<ushort> high = Vector128.Create(*(ushort*)(block + 2)) * Vector128.Create((ushort)(1 << 14), 1 << 12, 1 << 10, 1 << 8, 1 << 6, 1 << 4, 1 << 2, 1);
        return (low | ((high >>> 14) << 4).AsInt16()) - Vector128.Create((short)32);
    }

    /// <summary>Products of 32 values with their scale, which a shuffle spreads: a 16-bit element of it names two bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Scaled(byte* codes, sbyte* values, Vector256<byte> scales, short scale)
    {
        Vector256<sbyte> weights = IQ4_NLAvx2.Values(codes);
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(Avx2.Abs(weights), Avx2.Sign(Vector256.Load(values), weights)),
            Avx2.Shuffle(scales, Vector256.Create(scale).AsByte()).AsInt16());
    }
}
