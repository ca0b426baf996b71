namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>Far above what models have; with it no score leaves the range of floats at any distance.</summary>
    private const float MaxSlope = 65536f;

    private static void Check(in AttentionArguments arguments)
    {
        KvStorage storage = arguments.Storage;
        ArgumentNullException.ThrowIfNull(storage, nameof(arguments.Storage));
        storage.ThrowIfDisposed();
        if ((uint)arguments.Layer >= (uint)storage.Layers)
        {
            throw Invalid($"Layer {arguments.Layer} is not in a storage of {storage.Layers} layers.", nameof(arguments.Layer));
        }

        (int keyValueHeads, int keySize, int valueSize) = storage.Layer(arguments.Layer);
        if (arguments.Heads <= 0 || arguments.Heads % keyValueHeads != 0)
        {
            throw Invalid(
                $"{arguments.Heads} query heads are not a multiple of {keyValueHeads} key and value heads.",
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

        CheckMask(arguments);
        CheckPerHead(arguments.AlibiSlopes, arguments.Heads, 0f, MaxSlope, nameof(arguments.AlibiSlopes));
        CheckPerHead(arguments.Sinks, arguments.Heads, float.MinValue, float.MaxValue, nameof(arguments.Sinks));
        long rows = arguments.RowPositions.Length;
        OperationArgument.ThrowIfLengthDiffers(arguments.RowSequences.Length, rows, "[rows]", nameof(arguments.RowSequences));
        OperationArgument.ThrowIfLengthDiffers(
            arguments.Queries.Length, rows * arguments.Heads * keySize, "[rows, heads, keySize]", nameof(arguments.Queries));
        OperationArgument.ThrowIfLengthDiffers(
            arguments.Output.Length, rows * arguments.Heads * valueSize, "[rows, heads, valueSize]", nameof(arguments.Output));
    }

    private static void CheckMask(in AttentionArguments arguments)
    {
        if (arguments.Mask is not (AttentionMask.Causal or AttentionMask.Chunked or AttentionMask.Bidirectional))
        {
            throw Invalid($"{(int)arguments.Mask} is not a mask.", nameof(arguments.Mask));
        }

        if (arguments.Window < 0)
        {
            throw Invalid($"The window is {arguments.Window}; it must be zero or positive.", nameof(arguments.Window));
        }

        if (arguments.Mask == AttentionMask.Chunked && arguments.Window == 0)
        {
            throw Invalid("The window is 0; a chunk must have a size.", nameof(arguments.Window));
        }
    }

    private static void CheckPerHead(ReadOnlySpan<float> values, int heads, float least, float most, string name)
    {
        if (values.IsEmpty)
        {
            return;
        }

        OperationArgument.ThrowIfLengthDiffers(values.Length, heads, "[heads]", name);
        foreach (float value in values)
        {
            if (!(value >= least && value <= most))
            {
                throw Invalid($"{value} was given for a head; it must be from {least} to {most}.", name);
            }
        }
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
        bool bidirectional = arguments.Mask == AttentionMask.Bidirectional;
        if (bidirectional)
        {
            OperationArgument.ThrowIfLengthDiffers(
                arguments.SequenceLengths.Length, sequences, "[sequences]", nameof(arguments.SequenceLengths));
        }

        VisibleRange visible = new(arguments.Mask, arguments.Window);
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

            int length = bidirectional ? arguments.SequenceLengths[sequence] : position + 1;
            if (position >= length || (length - 1) / KvStorage.BlockTokens >= stride)
            {
                throw Invalid(
                    $"A sequence of {length} positions does not have position {position} or is more than a table of {stride} blocks has.",
                    nameof(arguments.SequenceLengths));
            }

            int from = visible.First(position) / KvStorage.BlockTokens;
            int to = (visible.Last(position, length) / KvStorage.BlockTokens) + 1;
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
