using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>
/// Vectors as normal or zero halves times one power of two. Loading such a half is a shift and a mask, which leaves out the difference of
/// the exponents' biases, <see cref="LoadFactor"/>; subnormal halves would become subnormal floats, which some processors compute with a
/// hundred times more slowly.
/// </summary>
internal static unsafe class ScaledHalves
{
    /// <summary>What a loaded half must be multiplied by: 2^112.</summary>
    internal const float LoadFactor = 5.192296858534828e33f;

    private const int LowestExponent = -60;
    private const int HighestExponent = 15;

    /// <summary>Encodes a vector.</summary>
    /// <returns>The power of two that its halves are to be multiplied by.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    internal static float Encode(InstructionSetLevel level, ReadOnlySpan<float> source, Span<ushort> destination)
    {
        OperationArgument.ThrowIfLengthDiffers(destination.Length, source.Length, "of source", nameof(destination));
        fixed (float* from = source)
        fixed (ushort* to = destination)
        {
            return Encode(level, from, to, source.Length);
        }
    }

    /// <summary>Encodes a vector.</summary>
    /// <returns>The power of two that its halves are to be multiplied by.</returns>
    internal static float Encode(InstructionSetLevel level, float* source, ushort* destination, int count) => level switch
    {
        InstructionSetLevel.Avx512 => Encode<Lanes512>(source, destination, count),
        InstructionSetLevel.Avx2 => Encode<Lanes256>(source, destination, count),
        InstructionSetLevel.Neon => Encode<Lanes128>(source, destination, count),
        _ => EncodeReference(source, destination, count),
    };

    /// <summary>Loads whole vectors of halves, times 2^-112.</summary>
    /// <exception cref="ArgumentException">The lengths differ or are not a multiple of 16.</exception>
    internal static void Load<TLanes>(ReadOnlySpan<ushort> source, Span<float> destination)
        where TLanes : struct, ILanes<TLanes>
    {
        OperationArgument.ThrowIfLengthDiffers(destination.Length, source.Length & ~15, "of source in whole vectors", nameof(destination));
        fixed (ushort* from = source)
        fixed (float* to = destination)
        {
            for (int i = 0; i < source.Length; i += 16)
            {
                TLanes.Store(to + i, TLanes.LoadScaledHalf(from + i));
            }
        }
    }

    /// <summary>The scalar twin of <see cref="ILanes{TSelf}.LoadScaledHalf"/>.</summary>
    internal static float Load(ushort bits) => BitConverter.Int32BitsToSingle(((short)bits << 13) & unchecked((int)0x8FFFE000));

    /// <summary>Encodes a vector with one kind of lanes.</summary>
    internal static float Encode<TLanes>(float* source, ushort* destination, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = count & ~15;
        float* tail = stackalloc float[16];
        TLanes zero = TLanes.Create(0f);
        TLanes.Store(tail, zero);
        new ReadOnlySpan<float>(source + whole, count - whole).CopyTo(new Span<float>(tail, 16));
        TLanes last = TLanes.Load(tail);
        TLanes most = TLanes.Max(last, TLanes.Subtract(zero, last));
        for (int i = 0; i < whole; i += 16)
        {
            TLanes value = TLanes.Load(source + i);
            most = TLanes.Max(most, TLanes.Max(value, TLanes.Subtract(zero, value)));
        }

        int exponent = Exponent(TLanes.MaxAcross(most));
        TLanes inverse = TLanes.Create(PowerOfTwo(-exponent));
        for (int i = 0; i < whole; i += 16)
        {
            TLanes.StoreHalf(destination + i, TLanes.Multiply(TLanes.Load(source + i), inverse));
        }

        if (whole < count)
        {
            ushort* halves = stackalloc ushort[16];
            TLanes.StoreHalf(halves, TLanes.Multiply(last, inverse));
            new ReadOnlySpan<ushort>(halves, count - whole).CopyTo(new Span<ushort>(destination + whole, count - whole));
        }

        return PowerOfTwo(exponent);
    }

    /// <summary>The scalar twin of <see cref="Encode{TLanes}"/>; vectors with not-a-number may differ.</summary>
    internal static float EncodeReference(float* source, ushort* destination, int count)
    {
        float most = 0f;
        for (int i = 0; i < count; i++)
        {
            most = Math.Abs(source[i]) > most ? Math.Abs(source[i]) : most;
        }

        int exponent = Exponent(most);
        float inverse = PowerOfTwo(-exponent);
        for (int i = 0; i < count; i++)
        {
            destination[i] = BitConverter.HalfToUInt16Bits(Round(source[i] * inverse));
        }

        return PowerOfTwo(exponent);
    }

    private static Half Round(float value)
    {
        const float LeastNormal = 6.103515625e-5f;
        float bounded = Math.Clamp(float.IsNaN(value) ? float.MaxValue : value, (float)Half.MinValue, (float)Half.MaxValue);
        return (Half)(Math.Abs(bounded) < LeastNormal ? MathF.CopySign(0f, bounded) : bounded);
    }

    /// <summary>e so that most / 2^e is in [2^14, 2^15), within the bounds.</summary>
    private static int Exponent(float most) =>
        Math.Clamp((BitConverter.SingleToInt32Bits(most) >> 23) - 127 - 14, LowestExponent, HighestExponent);

    private static float PowerOfTwo(int exponent) => BitConverter.Int32BitsToSingle((exponent + 127) << 23);
}
