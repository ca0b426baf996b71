using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>
/// Random blocks that look like a trained tensor's to a kernel: uniform codes, scales such that the values have no mean and a given
/// standard deviation. Fills memory fast enough to write models of any size for benchmarks.
/// </summary>
public static unsafe class BlockSynthesizer
{
    private static readonly ConcurrentDictionary<TensorType, double> s_unitDeviations = new();

    /// <summary>Fills whole blocks. The same state of <paramref name="random"/> always gives the same bytes.</summary>
    /// <param name="type">A float or quantised format.</param>
    /// <param name="random">Where one seed is drawn from.</param>
    /// <param name="standardDeviation">
    /// That of the decoded values, up to a few percent; not negative. 0.02 is usual for weights; a format whose scales are 16-bit floats
    /// loses precision below about 0.0001.
    /// </param>
    /// <param name="blocks">Whole blocks.</param>
    /// <exception cref="ArgumentException">The type holds integers or 64-bit floats, or the length is not whole blocks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The deviation is negative or not finite.</exception>
    public static void Fill(TensorType type, Random random, float standardDeviation, Span<byte> blocks)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegative(standardDeviation);
        if (!float.IsFinite(standardDeviation))
        {
            throw new ArgumentOutOfRangeException(nameof(standardDeviation), standardDeviation, "The deviation must be finite.");
        }

        BlockFormat format = BlockFormat.Get(type);
        int count = Math.DivRem(blocks.Length, format.BlockBytes, out int rest);
        if (rest != 0)
        {
            throw new ArgumentException(
                $"{blocks.Length} bytes are not a whole number of {type} blocks of {format.BlockBytes}.", nameof(blocks));
        }

        double unit = s_unitDeviations.GetOrAdd(type, _ => MeasureUnitDeviation(format));
        Fill(format, (ulong)random.NextInt64(long.MinValue, long.MaxValue), (float)(standardDeviation / unit), blocks, count);
    }

    /// <summary>The deviation of the values that a scale of 1 gives, from a sample of the format itself.</summary>
    private static double MeasureUnitDeviation(BlockFormat format)
    {
        const int SampleElements = 1 << 16;
        int count = SampleElements / format.BlockElements;
        var blocks = new byte[count * format.BlockBytes];
        var values = new float[SampleElements];
        Fill(format, 1, 1, blocks, count);
        BlockCodec.Decode(format.Type, blocks, values);
        double squares = 0;
        foreach (float value in values)
        {
            squares += (double)value * value;
        }

        return Math.Sqrt(squares / values.Length);
    }

    private static void Fill(BlockFormat format, ulong seed, float scale, Span<byte> blocks, int count)
    {
        FillRandom(blocks, seed);
        fixed (byte* pointer = blocks)
        {
            format.SetScales(pointer, scale, count);
        }
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014): eight bytes per step, faster than a seeded <see cref="Random"/>.</summary>
    private static void FillRandom(Span<byte> bytes, ulong seed)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ref ulong word in words)
        {
            word = Next(ref seed);
        }

        Span<byte> last = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(last, Next(ref seed));
        Span<byte> tail = bytes[(words.Length * sizeof(ulong))..];
        last[..tail.Length].CopyTo(tail);
    }

    private static ulong Next(ref ulong state)
    {
        state += 0x9E37_79B9_7F4A_7C15;
        ulong mixed = (state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}
