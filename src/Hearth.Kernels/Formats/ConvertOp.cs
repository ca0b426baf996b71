using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Formats;

/// <summary>
/// Rounds elements of one tensor format to another. Blocks do not depend on each other, so that any number of threads gives the same
/// bytes.
/// </summary>
public static unsafe class ConvertOp
{
    /// <summary>
    /// The elements of a piece other than a tensor's last must be a multiple of this: a multiple of every format's block.
    /// </summary>
    public const int Granularity = 256;

    private const int TileElements = 16 * Granularity;

    /// <summary>Converts whole blocks.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="from">The source's format: any float or quantised one.</param>
    /// <param name="source">Whole blocks of it.</param>
    /// <param name="to">A format for which <see cref="BlockCodec.CanEncode"/> is true.</param>
    /// <param name="destination">Exactly the bytes of as many elements.</param>
    /// <returns>
    /// The index of the first element that the format cannot hold, a NaN or a magnitude above its range, or -1. What was written is of no
    /// use when there is one.
    /// </returns>
    /// <exception cref="ArgumentException">A type holds integers or 64-bit floats, or a length is wrong.</exception>
    /// <exception cref="NotSupportedException">The destination's format has no encoder.</exception>
    public static long Run(ComputePool pool, TensorType from, ReadOnlySpan<byte> source, TensorType to, Span<byte> destination) =>
        Run(InstructionSets.Level, pool, from, source, to, destination);

    internal static long Run(
        InstructionSetLevel level, ComputePool pool, TensorType from, ReadOnlySpan<byte> source, TensorType to, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(pool);
        BlockFormat sourceFormat = BlockFormat.Get(from), format = BlockFormat.Get(to);
        if (!format.CanEncode)
        {
            throw new NotSupportedException($"Values cannot be encoded to {to}: no quantiser exists for this format here.");
        }

        long elements = Elements(sourceFormat, source.Length, nameof(source));
        if (elements != Elements(format, destination.Length, nameof(destination)))
        {
            throw new ArgumentException(
                $"{destination.Length} bytes of {to} do not hold the source's {elements} elements.", nameof(destination));
        }

        fixed (byte* pointerSource = source, pointerDestination = destination)
        {
            Job job = new()
            {
                Level = level,
                From = sourceFormat,
                Source = pointerSource,
                To = format,
                Destination = pointerDestination,
                Elements = elements,
                Limit = Limit(to),
                FirstBad = long.MaxValue,
            };
            if (elements <= TileElements)
            {
                job.Execute(0, 1);
            }
            else
            {
                pool.Run(ref job);
            }

            return job.FirstBad == long.MaxValue ? -1 : job.FirstBad;
        }
    }

    private static long Elements(BlockFormat format, int bytes, string name) => bytes % format.BlockBytes == 0
        ? (long)bytes / format.BlockBytes * format.BlockElements
        : throw new ArgumentException($"{bytes} bytes are not a whole number of {format.Type} blocks of {format.BlockBytes}.", name);

    /// <summary>The bits of the smallest magnitude that a format cannot hold; those of NaNs are above all.</summary>
    private static int Limit(TensorType type) => type switch
    {
        TensorType.F32 => int.MaxValue,
        TensorType.F16 => BitConverter.SingleToInt32Bits(65520f),
        TensorType.BF16 => 0x7F7F_8000,
        _ => 0x7F80_0000,
    };

    private struct Job : IParallelJob
    {
        public InstructionSetLevel Level;
        public BlockFormat From;
        public BlockFormat To;
        public byte* Source;
        public byte* Destination;
        public long Elements;
        public int Limit;
        public long FirstBad;
        private long _next;

        public void Execute(int worker, int workers)
        {
            float* values = Scratch.Rent(ScratchUse.Worker, TileElements);
            long start;
            while ((start = Interlocked.Add(ref _next, TileElements) - TileElements) < Elements)
            {
                int count = (int)Math.Min(TileElements, Elements - start);
                Decode(Source + (start / From.BlockElements * From.BlockBytes), values, count);
                int bad = FirstAtLeast(values, count, Limit);
                if (bad >= 0)
                {
                    Note(start + bad);
                    return;
                }

                To.Encode(values, Destination + (start / To.BlockElements * To.BlockBytes), count / To.BlockElements, Level);
            }
        }

        private readonly void Decode(byte* source, float* values, int count)
        {
            switch (Level)
            {
                case InstructionSetLevel.Avx512:
                    Decode<Lanes512>(source, values, count);
                    break;
                case InstructionSetLevel.Avx2:
                    Decode<Lanes256>(source, values, count);
                    break;
                case InstructionSetLevel.Neon:
                    Decode<Lanes128>(source, values, count);
                    break;
                default:
                    From.Decode(source, values, count / From.BlockElements);
                    break;
            }
        }

        private readonly void Decode<TLanes>(byte* source, float* values, int count)
            where TLanes : struct, ILanes<TLanes>
        {
            switch (From.Type)
            {
                case TensorType.F32:
                    ElementRows<F32Elements, TLanes>.Decode(From, source, values, count);
                    break;
                case TensorType.F16:
                    ElementRows<F16Elements, TLanes>.Decode(From, source, values, count);
                    break;
                case TensorType.BF16:
                    ElementRows<BF16Elements, TLanes>.Decode(From, source, values, count);
                    break;
                default:
                    From.Decode(source, values, count / From.BlockElements);
                    break;
            }
        }

        private void Note(long index)
        {
            for (long seen = Volatile.Read(ref FirstBad); index < seen;)
            {
                long before = Interlocked.CompareExchange(ref FirstBad, index, seen);
                if (before == seen)
                {
                    return;
                }

                seen = before;
            }
        }
    }

    /// <summary>The first element whose magnitude's bits reach a limit, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FirstAtLeast(float* values, int count, int limit)
    {
        int i = 0;
        Vector256<int> magnitude = Vector256.Create(int.MaxValue), bound = Vector256.Create(limit);
        for (; i <= count - Vector256<int>.Count; i += Vector256<int>.Count)
        {
            if (Vector256.GreaterThanOrEqualAny(Vector256.Load((int*)values + i) & magnitude, bound))
            {
                break;
            }
        }

        for (; i < count; i++)
        {
            if ((BitConverter.SingleToInt32Bits(values[i]) & int.MaxValue) >= limit)
            {
                return i;
            }
        }

        return -1;
    }
}
