using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// How <see cref="FloatDot"/> reads a row of weights. Every decoder gives the values of <see cref="BlockFormat.Decode"/>.
/// </summary>
internal unsafe interface IRowDecoder
{
    /// <summary>Decodes a row.</summary>
    /// <param name="format">The format of the row.</param>
    /// <param name="row">The row, as it lies in a file.</param>
    /// <param name="destination">Where its elements go.</param>
    /// <param name="columns">How many it has.</param>
    static abstract void Decode(BlockFormat format, byte* row, float* destination, int columns);
}

/// <summary>Rows of any format.</summary>
internal readonly unsafe struct BlockRows : IRowDecoder
{
    /// <inheritdoc/>
    public static void Decode(BlockFormat format, byte* row, float* destination, int columns) =>
        format.Decode(row, destination, columns / format.BlockElements);
}

/// <summary>Rows of <see cref="F32"/>.</summary>
internal readonly unsafe struct F32Rows : IRowDecoder
{
    /// <inheritdoc/>
    public static void Decode(BlockFormat format, byte* row, float* destination, int columns) =>
        new ReadOnlySpan<byte>(row, columns * sizeof(float)).CopyTo(new Span<byte>(destination, columns * sizeof(float)));
}

/// <summary>Rows of <see cref="BF16"/>.</summary>
internal readonly unsafe struct BF16Rows : IRowDecoder
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(BlockFormat format, byte* row, float* destination, int columns)
    {
        int i = 0;
        for (; i <= columns - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.Load((ushort*)row + i));
            (low << 16).AsSingle().Store(destination + i);
            (high << 16).AsSingle().Store(destination + i + 4);
        }

        format.Decode(row + (i * sizeof(ushort)), destination + i, columns - i);
    }
}

/// <summary>Rows of <see cref="F16"/>, with AVX2 where the machine has it.</summary>
internal readonly unsafe struct F16Rows : IRowDecoder
{
    /// <summary>The difference of the exponents' biases, in place.</summary>
    internal const int ExponentDifference = 112 << 23;

    /// <summary>The bits of 2^-14 as a float: the smallest normal half.</summary>
    internal const int SmallestNormal = 113 << 23;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(BlockFormat format, byte* row, float* destination, int columns)
    {
        int i = 0;
        if (Avx2.IsSupported)
        {
            for (; i <= columns - Vector256<int>.Count; i += Vector256<int>.Count)
            {
                Widen(Avx2.ConvertToVector256Int32((ushort*)row + i)).Store(destination + i);
            }
        }

        format.Decode(row + (i * sizeof(ushort)), destination + i, columns - i);
    }

    /// <summary>Exact, without subnormal floats on the way: those are slow on some processors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(Vector256<int> bits)
    {
        Vector256<int> magnitude = (bits & Vector256.Create(0x7FFF)) << 13;
        Vector256<int> difference = Vector256.Create(ExponentDifference);
        Vector256<int> normal = magnitude + difference;
        Vector256<float> subnormal = (magnitude + Vector256.Create(SmallestNormal)).AsSingle() - Vector256.Create(SmallestNormal).AsSingle();
        Vector256<int> beyond = Vector256.GreaterThan(magnitude, Vector256.Create((31 << 23) - 1)) & difference;
        Vector256<int> result = Vector256.ConditionalSelect(
            Vector256.GreaterThan(Vector256.Create(1 << 23), magnitude), subnormal.AsInt32(), normal + beyond);
        return (result | ((bits & Vector256.Create(0x8000)) << 16)).AsSingle();
    }
}

/// <summary>Rows of <see cref="F16"/> with AVX-512; see <see cref="F16Rows"/>.</summary>
internal readonly unsafe struct F16Rows512 : IRowDecoder
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(BlockFormat format, byte* row, float* destination, int columns)
    {
        int i = 0;
        for (; i <= columns - Vector512<int>.Count; i += Vector512<int>.Count)
        {
            Widen(Avx512F.ConvertToVector512Int32(Vector256.Load((ushort*)row + i))).Store(destination + i);
        }

        F16Rows.Decode(format, row + (i * sizeof(ushort)), destination + i, columns - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(Vector512<int> bits)
    {
        Vector512<int> magnitude = (bits & Vector512.Create(0x7FFF)) << 13;
        Vector512<int> difference = Vector512.Create(F16Rows.ExponentDifference), smallest = Vector512.Create(F16Rows.SmallestNormal);
        Vector512<int> normal = magnitude + difference;
        Vector512<float> subnormal = (magnitude + smallest).AsSingle() - smallest.AsSingle();
        Vector512<int> result = Vector512.ConditionalSelect(
            Vector512.GreaterThan(magnitude, Vector512.Create((31 << 23) - 1)), normal + difference, normal);
        result = Vector512.ConditionalSelect(Vector512.GreaterThan(Vector512.Create(1 << 23), magnitude), subnormal.AsInt32(), result);
        return (result | ((bits & Vector512.Create(0x8000)) << 16)).AsSingle();
    }
}
