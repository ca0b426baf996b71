using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.MatMul;

/// <summary>Looks rows of a table up: token embeddings.</summary>
public static unsafe class EmbeddingRowsOp
{
    private const int SerialLimit = 8192;

    /// <summary>destination[i] = table[ids[i]], decoded.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="table">[rows, columns] in any format.</param>
    /// <param name="ids">Rows to take, each in [0, rows).</param>
    /// <param name="destination">[ids, columns].</param>
    /// <exception cref="ArgumentException">An id is not a row, or the destination does not have the elements of its shape.</exception>
    public static void Run(ComputePool pool, in WeightMatrix table, ReadOnlySpan<int> ids, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfLengthDiffers(destination.Length, (long)ids.Length * table.Columns, "[ids, columns]", nameof(destination));
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)table.Rows)
            {
                throw new ArgumentException($"Id {id} is not a row of a table of {table.Rows} rows.", nameof(ids));
            }
        }

        fixed (int* pointerIds = ids)
        fixed (float* pointerDestination = destination)
        {
            Job job = new() { Table = table, Ids = pointerIds, Count = ids.Length, Destination = pointerDestination };
            if (ids.Length == 1 || destination.Length <= SerialLimit)
            {
                job.Execute(0, 1);
            }
            else
            {
                pool.Run(ref job);
            }
        }
    }

    private struct Job : IParallelJob
    {
        public WeightMatrix Table;
        public int* Ids;
        public int Count;
        public float* Destination;

        public readonly void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Count, worker, workers);
            for (int i = start; i < end; i++)
            {
                Span<float> row = new(Destination + ((long)i * Table.Columns), Table.Columns);
                BlockCodec.Decode(Table.Type, Table.Row(Ids[i]), row);
            }
        }
    }
}
