using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Attention;

/// <summary>
/// Attention over paged keys and values: softmax(scale * q K^T) V per row and head, over the positions that the mask lets the row see.
/// The order of operations depends only on the row's own position and sequence, so a row has the same bits whatever else is in the batch
/// and whoever computes it:
/// <list type="bullet">
/// <item>a score is one chain of fused multiply-adds over the dimensions, in order; halves (F16) count without their power of two, which
/// multiplies the score, and for values the probability; elements of 8 bits (Q8_0) count with their scale, which is exact;</item>
/// <item>then, in this order: the scale (in one factor with the power of two), the soft cap c * tanh(s / c), and the slope of ALiBi,
/// s = fma(-slope, |(p - b) - (j - b)|, s) for the row at p, the key at j and the start b of j's chunk (below): exact distances as long
/// as they are below 2^24;</item>
/// <item>the context is cut at multiples of 256 positions, whatever the mask. In such a chunk, with m the largest score that the row
/// sees there, e^(s - m) is summed in 16 partial sums (partial i takes positions that are i modulo 16, in order) and the fixed tree;
/// values are added in order of position. Chunks in which the row sees nothing are skipped, and positions that it does not see do not
/// count, whatever is stored there;</item>
/// <item>chunks are merged in order: with M the larger maximum, sum = fma(sum, e^(m - M), sum' * e^(m' - M)), and the same for
/// values;</item>
/// <item>a sink z comes after all chunks: with M = max(m, z), the values are multiplied by e^(m - M) / fma(sum, e^(m - M), e^(z - M));
/// without one by 1 / sum.</item>
/// </list>
/// </summary>
public static unsafe partial class AttentionOp
{
    /// <summary>Positions that are reduced together.</summary>
    internal const int ChunkTokens = 256;

    /// <summary>Computes every row.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="arguments">The inputs and where the output goes.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape, or a number is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">The storage was disposed.</exception>
    public static void Run(ComputePool pool, in AttentionArguments arguments) => Run(InstructionSets.Level, pool, arguments);

    internal static void Run(InstructionSetLevel level, ComputePool pool, in AttentionArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Check(arguments);
        CheckTables(arguments);
        if (arguments.RowPositions.IsEmpty)
        {
            return;
        }

        KvStorage storage = arguments.Storage;
        KvLayerMemory memory = storage.Memory(arguments.Layer);
        (int keyValueHeads, int keySize, int valueSize) = memory.Shape;
        fixed (float* queries = arguments.Queries, output = arguments.Output, slopes = arguments.AlibiSlopes, sinks = arguments.Sinks)
        fixed (int* tables = arguments.BlockTables, sequences = arguments.RowSequences, positions = arguments.RowPositions)
        fixed (int* lengths = arguments.Mask == AttentionMask.Bidirectional ? arguments.SequenceLengths : default)
        {
            Shape shape = new()
            {
                Queries = queries,
                Output = output,
                Tables = tables,
                Sequences = sequences,
                Positions = positions,
                Lengths = lengths,
                TableStride = arguments.BlockTableStride,
                Rows = arguments.RowPositions.Length,
                Memory = memory,
                Heads = arguments.Heads,
                KeyValueHeads = keyValueHeads,
                Group = arguments.Heads / keyValueHeads,
                KeySize = keySize,
                ValueSize = valueSize,
                ValueStride = memory.ValueStride,
                Visible = new VisibleRange(arguments.Mask, arguments.Window),
                Scale = arguments.Scale,
                SoftCap = arguments.SoftCap,
                AlibiSlopes = slopes,
                Sinks = sinks,
            };
            Execution execution = new() { Level = level, Pool = pool, Shape = shape };
            KvElements.Dispatch(memory.Type, ref execution);
        }

        GC.KeepAlive(storage);
    }

    /// <summary>What is left when the elements are known.</summary>
    private struct Execution : IKvElementAction
    {
        public InstructionSetLevel Level;
        public ComputePool Pool;
        public Shape Shape;

        public void Run<TElements>()
            where TElements : struct, IKvElements
        {
            Shape.QueryFactor = TElements.QueryFactor;
            Shape.ScoreFactor = Shape.Scale * TElements.ScoreFactor;
            Shape.ProbabilityFactor = TElements.ProbabilityFactor;
            switch (Level)
            {
                case InstructionSetLevel.Avx512:
                    RunTiles<Lanes512, TElements>(Pool, Shape);
                    break;
                case InstructionSetLevel.Avx2:
                    RunTiles<Lanes256, TElements>(Pool, Shape);
                    break;
                case InstructionSetLevel.Neon:
                    RunTiles<Lanes128, TElements>(Pool, Shape);
                    break;
                default:
                    Reference<TElements>(Shape);
                    break;
            }
        }
    }

    /// <summary>The arguments as kernels take them.</summary>
    private struct Shape
    {
        public float* Queries;
        public float* Output;
        public int* Tables;
        public int* Sequences;
        public int* Positions;
        public int* Lengths;        // null: the mask does not need them
        public float* AlibiSlopes;  // null: none
        public float* Sinks;        // null: none
        public int TableStride;
        public int Rows;
        public KvLayerMemory Memory;
        public int Heads;
        public int KeyValueHeads;
        public int Group;
        public int KeySize;
        public int ValueSize;
        public int ValueStride;
        public int Parts;           // tiles share a group out when it is large
        public int PartHeads;       // query heads of a part; the last may have fewer
        public VisibleRange Visible;
        public float Scale;
        public float QueryFactor;
        public float ScoreFactor;
        public float ProbabilityFactor;
        public float SoftCap;

        public readonly int Slices => KeyValueHeads * Parts;

        public readonly int First(int row) => Visible.First(Positions[row]);

        public readonly int Last(int row) => Visible.Last(Positions[row], Lengths is null ? 0 : Lengths[Sequences[row]]);
    }
}
