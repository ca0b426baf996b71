namespace Hearth.Kernels.Formats;

/// <summary>Conversion between 32-bit floats and the blocks of a tensor format.</summary>
public static unsafe class BlockCodec
{
    /// <summary>Decodes whole blocks to floats, exactly as the format defines them.</summary>
    /// <param name="type">A float or quantised format.</param>
    /// <param name="blocks">Whole blocks, as they lie in a file.</param>
    /// <param name="destination">Exactly as many floats as the blocks hold.</param>
    /// <exception cref="ArgumentException">The type holds integers or 64-bit floats, or a length is wrong.</exception>
    public static void Decode(TensorType type, ReadOnlySpan<byte> blocks, Span<float> destination)
    {
        BlockFormat format = BlockFormat.Get(type);
        int count = CountBlocks(format, blocks.Length, destination.Length, nameof(blocks), nameof(destination));
        fixed (byte* from = blocks)
        fixed (float* to = destination)
        {
            format.Decode(from, to, count);
        }
    }

    /// <summary>Whether <see cref="Encode(TensorType, ReadOnlySpan{float}, Span{byte})"/> supports a format.</summary>
    /// <exception cref="ArgumentException">The type holds integers or 64-bit floats.</exception>
    public static bool CanEncode(TensorType type) => BlockFormat.Get(type).CanEncode;

    /// <summary>Rounds floats to whole blocks. The same values always give the same bytes.</summary>
    /// <param name="type">A format for which <see cref="CanEncode"/> is true.</param>
    /// <param name="source">Finite values, a whole number of blocks.</param>
    /// <param name="blocks">Exactly the bytes of these blocks.</param>
    /// <exception cref="ArgumentException">The type holds integers or 64-bit floats, or a length is wrong.</exception>
    /// <exception cref="NotSupportedException">The format has no encoder.</exception>
    public static void Encode(TensorType type, ReadOnlySpan<float> source, Span<byte> blocks) =>
        Encode(InstructionSets.Level, type, source, blocks);

    internal static void Encode(InstructionSetLevel level, TensorType type, ReadOnlySpan<float> source, Span<byte> blocks)
    {
        BlockFormat format = BlockFormat.Get(type);
        int count = CountBlocks(format, blocks.Length, source.Length, nameof(blocks), nameof(source));
        fixed (float* from = source)
        fixed (byte* to = blocks)
        {
            format.Encode(from, to, count, level);
        }
    }

    private static int CountBlocks(BlockFormat format, int bytes, int elements, string bytesName, string elementsName)
    {
        int count = Math.DivRem(bytes, format.BlockBytes, out int rest);
        if (rest != 0)
        {
            throw new ArgumentException($"{bytes} bytes are not a whole number of {format.Type} blocks of {format.BlockBytes}.", bytesName);
        }

        return (long)count * format.BlockElements == elements
            ? count
            : throw new ArgumentException(
                $"{bytes} bytes of {format.Type} hold {(long)count * format.BlockElements} elements, not {elements}.", elementsName);
    }
}
