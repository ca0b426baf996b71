using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>Conversion between floats and IEEE halves as the cache keeps them.</summary>
internal static unsafe class HalfConversion
{
    /// <summary>What <see cref="ILanes{TSelf}.LoadScaledHalf"/> must be multiplied by: 2^112, the difference of the exponents' biases.</summary>
    internal const float Scale = 5.192296858534828e33f;

    /// <summary>Rounds to nearest even.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    internal static void FromSingle(InstructionSetLevel level, ReadOnlySpan<float> source, Span<ushort> destination)
    {
        OperationArgument.ThrowIfLengthDiffers(destination.Length, source.Length, "of source", nameof(destination));
        fixed (float* from = source)
        fixed (ushort* to = destination)
        {
            FromSingle(level, from, to, source.Length);
        }
    }

    /// <summary>Rounds to nearest even.</summary>
    internal static void FromSingle(InstructionSetLevel level, float* source, ushort* destination, int count)
    {
        switch (level)
        {
            case InstructionSetLevel.Avx512:
                FromSingle<Lanes512>(source, destination, count);
                break;
            case InstructionSetLevel.Avx2:
                FromSingle<Lanes256>(source, destination, count);
                break;
            case InstructionSetLevel.Neon:
                FromSingle<Lanes128>(source, destination, count);
                break;
            default:
                FromSingleReference(source, destination, count);
                break;
        }
    }

    /// <summary>Widens halves times 2^-112, exactly.</summary>
    /// <exception cref="ArgumentException">The lengths differ or are not whole vectors of 16.</exception>
    internal static void LoadScaled<TLanes>(ReadOnlySpan<ushort> source, Span<float> destination)
        where TLanes : struct, ILanes<TLanes>
    {
        OperationArgument.ThrowIfLengthDiffers(destination.Length, source.Length & ~15, "of source in vectors of 16", nameof(destination));
        fixed (ushort* from = source)
        fixed (float* to = destination)
        {
            for (int i = 0; i < source.Length; i += 16)
            {
                TLanes.Store(to + i, TLanes.LoadScaledHalf(from + i));
            }
        }
    }

    private static void FromSingle<TLanes>(float* source, ushort* destination, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        int i = 0;
        for (; i <= count - 16; i += 16)
        {
            TLanes.StoreHalf(destination + i, TLanes.Load(source + i));
        }

        if (i < count)
        {
            float* padded = stackalloc float[16];
            ushort* halves = stackalloc ushort[16];
            new ReadOnlySpan<float>(source + i, count - i).CopyTo(new Span<float>(padded, 16));
            TLanes.StoreHalf(halves, TLanes.Load(padded));
            new ReadOnlySpan<ushort>(halves, count - i).CopyTo(new Span<ushort>(destination + i, count - i));
        }
    }

    /// <summary>The scalar twin of <see cref="FromSingle{TLanes}"/>; the payload of not-a-number may differ.</summary>
    private static void FromSingleReference(float* source, ushort* destination, int count)
    {
        for (int i = 0; i < count; i++)
        {
            destination[i] = BitConverter.HalfToUInt16Bits((Half)source[i]);
        }
    }

    /// <summary>The scalar twin of <see cref="ILanes{TSelf}.LoadScaledHalf"/>.</summary>
    internal static float LoadScaled(ushort bits) => BitConverter.Int32BitsToSingle(((short)bits << 13) & unchecked((int)0x8FFFE000));
}
