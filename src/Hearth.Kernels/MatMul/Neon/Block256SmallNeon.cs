using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>Codes of <see cref="Q2_K"/>.</summary>
internal readonly unsafe struct Q2_KNeon : IBlock256Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q2_K);

    /// <inheritdoc/>
    public static bool HasMinimums => true;

    /// <inheritdoc/>
    public static int ScaleOffset => sizeof(Q2_K) - (2 * sizeof(ushort));

    /// <inheritdoc/>
    public static int MinimumScaleOffset => sizeof(Q2_K) - sizeof(ushort);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination) => Block256Neon.Unpack<Q2_KNeon>(block, destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, int part, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* codes = ((Q2_K*)block)->Codes + (part / 4 * 32);
        first = CodeBits.Move(codes, part % 4 * 2, 0, 3).AsSByte();
        last = CodeBits.Move(codes + 16, part % 4 * 2, 0, 3).AsSByte();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Scales(byte* block) => CodeBits.Move(((Q2_K*)block)->SubScales, 0, 0, 15).AsSByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Minimums(byte* block) => CodeBits.Move(((Q2_K*)block)->SubScales, 4, 0, 15);
}

/// <summary>Codes of <see cref="Q3_K"/>, less their zero point 4.</summary>
internal readonly unsafe struct Q3_KNeon : IBlock256Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q3_K);

    /// <inheritdoc/>
    public static int ScaleOffset => sizeof(Q3_K) - sizeof(ushort);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination) => Block256Neon.Unpack<Q3_KNeon>(block, destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, int part, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* low = ((Q3_K*)block)->LowBits + (part / 4 * 32), high = ((Q3_K*)block)->HighBits;
        first = Codes(low, high, part);
        last = Codes(low + 16, high + 16, part);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Scales(byte* block)
    {
        byte* packed = ((Q3_K*)block)->SubScales;
        ulong low = *(ulong*)packed;
        uint high = *(uint*)(packed + 8);
        Vector128<byte> lowBits = Vector128.Create(low & 0x0F0F_0F0F_0F0F_0F0F, (low >> 4) & 0x0F0F_0F0F_0F0F_0F0F).AsByte();
        Vector128<byte> highBits = Vector128.Create(high << 4, high << 2, high, high >> 2).AsByte() & Vector128.Create((byte)0x30);
        return (lowBits | highBits).AsSByte() - Vector128.Create((sbyte)32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Codes(byte* low, byte* high, int part) =>
        (CodeBits.Move(low, part % 4 * 2, 0, 3) | CodeBits.Move(high, part, 2, 4)).AsSByte() - Vector128.Create((sbyte)4);
}

/// <summary>Values of <see cref="IQ4_XS"/>: integers.</summary>
internal readonly unsafe struct IQ4_XSNeon : IBlock256Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ4_XS);

    /// <inheritdoc/>
    public static int SubBlock => 32;

    /// <inheritdoc/>
    public static int ScaleOffset => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination) => Block256Neon.Unpack<IQ4_XSNeon>(block, destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, int part, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* codes = ((IQ4_XS*)block)->Codes + (16 * part);
        Vector128<sbyte> values = Vector128.Create(IQ4_NL.Values);
        first = CodeBits.Look(values, CodeBits.Move(codes, 0, 0, 15));
        last = CodeBits.Look(values, CodeBits.Move(codes, 4, 0, 15));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Scales(byte* block)
    {
        // Nibbles and pairs of bits are spread to bytes, halving the distance that is left.
        ulong low = *(uint*)((IQ4_XS*)block)->LowSubScales, high = ((IQ4_XS*)block)->HighSubScales;
        low = (low | (low << 16)) & 0x0000_FFFF_0000_FFFF;
        low = (low | (low << 8)) & 0x00FF_00FF_00FF_00FF;
        low = (low | (low << 4)) & 0x0F0F_0F0F_0F0F_0F0F;
        high = (high | (high << 24)) & 0x0000_00FF_0000_00FF;
        high = (high | (high << 12)) & 0x000F_000F_000F_000F;
        high = (high | (high << 6)) & 0x0303_0303_0303_0303;
        return CodeBits.Twice(low | (high << 4)).AsSByte() - Vector128.Create((sbyte)32);
    }
}
