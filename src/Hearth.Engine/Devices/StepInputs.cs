namespace Hearth.Engine.Devices;

/// <summary>
/// Everything that changes from step to step. Calls on a device refer to it implicitly and never carry such values themselves, so
/// that a device can record the calls of one batch shape once and replay them.
/// </summary>
public sealed class StepInputs
{
    private readonly List<RopeAngles> _ropes = [];

    /// <summary>Token ids, <c>[tokens]</c>.</summary>
    public int[] Tokens { get; private set; } = [];

    /// <summary>The position of each token in its sequence, <c>[tokens]</c>.</summary>
    public int[] Positions { get; private set; } = [];

    /// <summary>Which row of <see cref="BlockTables"/> each token's sequence has, <c>[tokens]</c>.</summary>
    public int[] RowSequences { get; private set; } = [];

    /// <summary>Where each token's key and value go: block x block length + place in the block, <c>[tokens]</c>.</summary>
    public int[] Slots { get; private set; } = [];

    /// <summary>A factor for each token's queries, <c>[tokens]</c>; all 1 for most models.</summary>
    public float[] QueryScales { get; private set; } = [];

    /// <summary>The rotary angles, by the number of their table.</summary>
    public IReadOnlyList<RopeAngles> Ropes => _ropes;

    /// <summary>Block ids of each sequence, <c>[sequences, <see cref="BlockTableStride"/>]</c>.</summary>
    public int[] BlockTables { get; private set; } = [];

    /// <summary>The first row of each sequence, <c>[sequences]</c>; its rows follow each other.</summary>
    public int[] FirstRows { get; private set; } = [];

    /// <summary>Rows of each sequence in this step, <c>[sequences]</c>.</summary>
    public int[] RowCounts { get; private set; } = [];

    /// <summary>Tokens of each sequence, those of this step included, <c>[sequences]</c>.</summary>
    public int[] SequenceLengths { get; private set; } = [];

    /// <summary>Where each sequence's recurrent state lies, <c>[sequences]</c>.</summary>
    public int[] StateSlots { get; private set; } = [];

    /// <summary>The scales of adapters, <c>[sequences]</c>, each by the adapter's number; shorter lists end in zeros.</summary>
    public IReadOnlyList<float>[] AdapterScales { get; private set; } = [];

    /// <summary>Rows whose logits are wanted, ascending.</summary>
    public int[] OutputRows { get; private set; } = [];

    /// <summary>Tokens in this step.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Sequences in this step.</summary>
    public int SequenceCount { get; private set; }

    /// <summary>Entries of a block table's row.</summary>
    public int BlockTableStride { get; private set; }

    /// <summary>Rows whose logits are wanted.</summary>
    public int OutputRowCount { get; private set; }

    /// <summary>Makes room for a step; what the arrays held is lost.</summary>
    /// <param name="tokens">Tokens in the step.</param>
    /// <param name="sequences">Sequences in the step.</param>
    /// <param name="blockTableStride">Entries of a block table's row.</param>
    /// <param name="blockTableCapacity">Entries that a row may come to have.</param>
    /// <param name="outputRows">Rows whose logits are wanted.</param>
    internal void Resize(int tokens, int sequences, int blockTableStride, int blockTableCapacity, int outputRows)
    {
        TokenCount = tokens;
        SequenceCount = sequences;
        BlockTableStride = blockTableStride;
        OutputRowCount = outputRows;
        Tokens = Grow(Tokens, tokens);
        Positions = Grow(Positions, tokens);
        RowSequences = Grow(RowSequences, tokens);
        Slots = Grow(Slots, tokens);
        QueryScales = Grow(QueryScales, tokens);
        BlockTables = Grow(BlockTables, checked(sequences * blockTableCapacity));
        FirstRows = Grow(FirstRows, sequences);
        RowCounts = Grow(RowCounts, sequences);
        SequenceLengths = Grow(SequenceLengths, sequences);
        StateSlots = Grow(StateSlots, sequences);
        AdapterScales = Grow(AdapterScales, sequences);
        OutputRows = Grow(OutputRows, outputRows);
    }

    /// <summary>The scale of an adapter for a token.</summary>
    internal float AdapterScale(int row, int adapter)
    {
        IReadOnlyList<float> scales = AdapterScales[RowSequences[row]];
        return adapter < scales.Count ? scales[adapter] : 0;
    }

    /// <summary>Makes room for the angles of a step.</summary>
    internal void ResizeRopes(IReadOnlyList<int> pairs)
    {
        while (_ropes.Count < pairs.Count)
        {
            _ropes.Add(new RopeAngles());
        }

        for (int table = 0; table < pairs.Count; table++)
        {
            _ropes[table].Resize(TokenCount, pairs[table]);
        }
    }

    private static T[] Grow<T>(T[] array, int length) => array.Length >= length ? array : new T[Math.Max(length, array.Length * 2)];
}
