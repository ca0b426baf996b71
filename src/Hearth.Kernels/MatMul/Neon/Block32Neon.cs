using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>Codes of <see cref="Q8_0"/>.</summary>
internal readonly unsafe struct Q8_0Neon : IBlock32Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q8_0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        sbyte* codes = ((Q8_0*)block)->Codes;
        (first, last) = (Vector128.Load(codes), Vector128.Load(codes + 16));
    }
}

/// <summary>Codes of <see cref="Q4_0"/>, less their zero point 8.</summary>
internal readonly unsafe struct Q4_0Neon : IBlock32Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* codes = ((Q4_0*)block)->Codes;
        first = CodeBits.Move(codes, 0, 0, 15).AsSByte() - Vector128.Create((sbyte)8);
        last = CodeBits.Move(codes, 4, 0, 15).AsSByte() - Vector128.Create((sbyte)8);
    }
}

/// <summary>Codes of <see cref="Q4_1"/>.</summary>
internal readonly unsafe struct Q4_1Neon : IBlock32Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_1);

    /// <inheritdoc/>
    public static bool HasMinimum => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* codes = ((Q4_1*)block)->Codes;
        (first, last) = (CodeBits.Move(codes, 0, 0, 15).AsSByte(), CodeBits.Move(codes, 4, 0, 15).AsSByte());
    }
}

/// <summary>Codes of <see cref="Q5_0"/>, less their zero point 16: where the high bit is clear, the four bits above the low ones are set.</summary>
internal readonly unsafe struct Q5_0Neon : IBlock32Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        Q5_0* source = (Q5_0*)block;
        uint high = source->HighBits;
        Vector128<byte> above = Vector128.Create((byte)0xF0);
        first = (CodeBits.Move(source->Codes, 0, 0, 15) | (CodeBits.Clear((ushort)high) & above)).AsSByte();
        last = (CodeBits.Move(source->Codes, 4, 0, 15) | (CodeBits.Clear((ushort)(high >> 16)) & above)).AsSByte();
    }
}

/// <summary>Codes of <see cref="Q5_1"/>.</summary>
internal readonly unsafe struct Q5_1Neon : IBlock32Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_1);

    /// <inheritdoc/>
    public static bool HasMinimum => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        Q5_1* source = (Q5_1*)block;
        uint high = source->HighBits;
        Vector128<byte> bit = Vector128.Create((byte)16);
        first = (CodeBits.Move(source->Codes, 0, 0, 15) | Vector128.AndNot(bit, CodeBits.Clear((ushort)high))).AsSByte();
        last = (CodeBits.Move(source->Codes, 4, 0, 15) | Vector128.AndNot(bit, CodeBits.Clear((ushort)(high >> 16)))).AsSByte();
    }
}

/// <summary>Values of <see cref="IQ4_NL"/>: integers.</summary>
internal readonly unsafe struct IQ4_NLNeon : IBlock32Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ4_NL);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* codes = ((IQ4_NL*)block)->Codes;
        Vector128<sbyte> values = Vector128.Create(IQ4_NL.Values);
        first = CodeBits.Look(values, CodeBits.Move(codes, 0, 0, 15));
        last = CodeBits.Look(values, CodeBits.Move(codes, 4, 0, 15));
    }
}

/// <summary>Values of <see cref="MXFP4"/>: integers.</summary>
internal readonly unsafe struct MXFP4Neon : IBlock32Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(MXFP4);

    /// <inheritdoc/>
    public static float* Table => MXFP4.Scales;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block, float* table) => table[*block];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* codes = ((MXFP4*)block)->Codes;
        Vector128<sbyte> values = Vector128.Create(E2M1.Values);
        first = CodeBits.Look(values, CodeBits.Move(codes, 0, 0, 15));
        last = CodeBits.Look(values, CodeBits.Move(codes, 4, 0, 15));
    }
}
