using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Attention;

/// <summary>
/// Causal attention over paged keys and values: softmax(scale * q K^T) V per row and head. The order of operations depends only on the
/// row's own positions, so a row has the same bits whatever else is in the batch and whoever computes it:
/// <list type="bullet">
/// <item>a score is one chain of fused multiply-adds over the dimensions, in order; halves count without their power of two, which
/// multiplies the score, and for values the probability;</item>
/// <item>the context is cut at multiples of 256 positions. In such a chunk, with m its largest score, e^(s - m) is summed in 16 partial
/// sums (partial i takes positions that are i modulo 16, in order) and the fixed tree; values are added in order of position;</item>
/// <item>chunks are merged in order: with M the larger maximum, sum = fma(sum, e^(m - M), sum' * e^(m' - M)), and the same for
/// values.</item>
/// </list>
/// </summary>
public static unsafe partial class AttentionOp
{
    /// <summary>Positions that are reduced together.</summary>
    internal const int ChunkTokens = 256;

    /// <summary>
    /// Halves load as 2^-112 of themselves; queries and scores make up for half of it each, so that neither leaves the range.
    /// </summary>
    private const float HalfFactor = 72057594037927936f;

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
        fixed (float* queries = arguments.Queries, output = arguments.Output)
        fixed (int* tables = arguments.BlockTables, sequences = arguments.RowSequences, positions = arguments.RowPositions)
        {
            bool halves = storage.Type == KvElementType.F16;
            Shape shape = new()
            {
                Queries = queries,
                Output = output,
                Tables = tables,
                Sequences = sequences,
                Positions = positions,
                TableStride = arguments.BlockTableStride,
                Rows = arguments.RowPositions.Length,
                Storage = storage,
                Layer = arguments.Layer,
                Heads = arguments.Heads,
                Group = arguments.Heads / storage.KeyValueHeads,
                KeySize = storage.KeySize,
                ValueSize = storage.ValueSize,
                ValueStride = storage.ValueStride,
                Window = arguments.Window == 0 ? int.MaxValue : arguments.Window,
                QueryFactor = halves ? HalfFactor : 1f,
                ScoreFactor = arguments.Scale * (halves ? HalfFactor : 1f),
                ProbabilityFactor = halves ? ScaledHalves.LoadFactor : 1f,
                SoftCap = arguments.SoftCap,
            };
            switch (level)
            {
                case InstructionSetLevel.Avx512:
                    RunTiles<Lanes512>(pool, shape);
                    break;
                case InstructionSetLevel.Avx2:
                    RunTiles<Lanes256>(pool, shape);
                    break;
                case InstructionSetLevel.Neon:
                    RunTiles<Lanes128>(pool, shape);
                    break;
                default:
                    Reference(shape);
                    break;
            }
        }

        GC.KeepAlive(storage);
    }

    private static int FirstPosition(int position, int window) => Math.Max(0, position - window + 1);

    /// <summary>The arguments as kernels take them.</summary>
    private struct Shape
    {
        public float* Queries;
        public float* Output;
        public int* Tables;
        public int* Sequences;
        public int* Positions;
        public int TableStride;
        public int Rows;
        public KvStorage Storage;
        public int Layer;
        public int Heads;
        public int Group;
        public int KeySize;
        public int ValueSize;
        public int ValueStride;
        public int Window;
        public float QueryFactor;
        public float ScoreFactor;
        public float ProbabilityFactor;
        public float SoftCap;
    }
}
