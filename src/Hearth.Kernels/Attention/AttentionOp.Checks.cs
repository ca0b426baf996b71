namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    private static void Check(in AttentionArguments arguments)
    {
        KvStorage storage = arguments.Storage;
        ArgumentNullException.ThrowIfNull(storage, nameof(arguments.Storage));
        storage.ThrowIfDisposed();
        if ((uint)arguments.Layer >= (uint)storage.Layers)
        {
            throw Invalid($"Layer {arguments.Layer} is not in a storage of {storage.Layers} layers.", nameof(arguments.Layer));
        }

        if (arguments.Heads <= 0 || arguments.Heads % storage.KeyValueHeads != 0)
        {
            throw Invalid(
                $"{arguments.Heads} query heads are not a multiple of {storage.KeyValueHeads} key and value heads.",
                nameof(arguments.Heads));
        }

        if (!(arguments.Scale > 0f && float.IsFinite(arguments.Scale)))
        {
            throw Invalid($"The scale is {arguments.Scale}; it must be positive.", nameof(arguments.Scale));
        }

        if (!(arguments.SoftCap >= 0f && float.IsFinite(arguments.SoftCap)))
        {
            throw Invalid($"The soft cap is {arguments.SoftCap}; it must be zero or positive.", nameof(arguments.SoftCap));
        }

        if (arguments.Window < 0)
        {
            throw Invalid($"The window is {arguments.Window}; it must be zero or positive.", nameof(arguments.Window));
        }

        long rows = arguments.RowPositions.Length;
        OperationArgument.ThrowIfLengthDiffers(arguments.RowSequences.Length, rows, "[rows]", nameof(arguments.RowSequences));
        OperationArgument.ThrowIfLengthDiffers(
            arguments.Queries.Length, rows * arguments.Heads * storage.KeySize, "[rows, heads, keySize]", nameof(arguments.Queries));
        OperationArgument.ThrowIfLengthDiffers(
            arguments.Output.Length, rows * arguments.Heads * storage.ValueSize, "[rows, heads, valueSize]", nameof(arguments.Output));
    }

    private static void CheckTables(in AttentionArguments arguments)
    {
        int stride = arguments.BlockTableStride;
        if (stride <= 0 || arguments.BlockTables.Length % stride != 0)
        {
            throw Invalid(
                $"{arguments.BlockTables.Length} block ids are not whole tables of {stride}.", nameof(arguments.BlockTables));
        }

        int sequences = arguments.BlockTables.Length / stride;
        int window = arguments.Window == 0 ? int.MaxValue : arguments.Window;
        (int Sequence, int From, int To) known = (-1, 0, 0);
        for (int row = 0; row < arguments.RowPositions.Length; row++)
        {
            int sequence = arguments.RowSequences[row];
            int position = arguments.RowPositions[row];
            if ((uint)sequence >= (uint)sequences)
            {
                throw Invalid($"Sequence {sequence} has no block table; there are {sequences}.", nameof(arguments.RowSequences));
            }

            if (position < 0 || position / KvStorage.BlockTokens >= stride)
            {
                throw Invalid(
                    $"Position {position} is not in a block table of {stride} blocks of {KvStorage.BlockTokens}.",
                    nameof(arguments.RowPositions));
            }

            int from = FirstPosition(position, window) / KvStorage.BlockTokens;
            int to = (position / KvStorage.BlockTokens) + 1;
            if (sequence == known.Sequence && from >= known.From && to <= known.To)
            {
                continue;
            }

            // The rows of a prompt come in order: only what the row before did not have is new.
            int start = sequence == known.Sequence && from >= known.From && from <= known.To ? known.To : from;
            CheckBlocks(arguments.BlockTables.Slice((sequence * stride) + start, to - start), arguments.Storage.Blocks);
            known = (sequence, from, to);
        }
    }

    private static ArgumentException Invalid(string message, string name) => new(message, name);

    private static void CheckBlocks(ReadOnlySpan<int> ids, int blocks)
    {
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)blocks)
            {
                throw Invalid($"Block {id} is not in a storage of {blocks} blocks.", nameof(AttentionArguments.BlockTables));
            }
        }
    }
}
