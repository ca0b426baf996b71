namespace Hearth.Kernels.Attention;

/// <summary>The inputs of <see cref="AttentionOp"/>. A row is one token of the batch.</summary>
public ref struct AttentionArguments
{
    /// <summary>[rows, heads, keySize].</summary>
    public ReadOnlySpan<float> Queries { get; set; }

    /// <summary>[rows, heads, valueSize]: where the result goes.</summary>
    public Span<float> Output { get; set; }

    /// <summary>Keys and values, those of this batch's rows included.</summary>
    public KvStorage Storage { get; set; }

    /// <summary>The storage's layer.</summary>
    public int Layer { get; set; }

    /// <summary>
    /// Query heads: a multiple of the layer's key and value heads. Head h uses key and value head h / (heads / keyValueHeads).
    /// </summary>
    public int Heads { get; set; }

    /// <summary>
    /// [sequences, BlockTableStride]: the storage's block for every <see cref="KvStorage.BlockTokens"/> positions of a sequence. Blocks
    /// that no row sees are not looked at.
    /// </summary>
    public ReadOnlySpan<int> BlockTables { get; set; }

    /// <summary>Elements from one sequence's table to the next.</summary>
    public int BlockTableStride { get; set; }

    /// <summary>[rows]: which block table is the row's.</summary>
    public ReadOnlySpan<int> RowSequences { get; set; }

    /// <summary>[rows]: the row's position in its sequence.</summary>
    public ReadOnlySpan<int> RowPositions { get; set; }

    /// <summary>Which positions a row sees.</summary>
    public AttentionMask Mask { get; set; }

    /// <summary>
    /// Positions that <see cref="Mask"/> measures with: how many a causal row sees, itself included; the size of a chunk; or, in both
    /// directions, twice the largest distance. 0 means all; a chunk must have a size.
    /// </summary>
    public int Window { get; set; }

    /// <summary>
    /// [sequences]: tokens of every sequence, all of them stored. Only read for <see cref="AttentionMask.Bidirectional"/>.
    /// </summary>
    public ReadOnlySpan<int> SequenceLengths { get; set; }

    /// <summary>What query times key is multiplied by; positive.</summary>
    public float Scale { get; set; }

    /// <summary>c: scores s become c * tanh(s / c); 0 means that they stay.</summary>
    public float SoftCap { get; set; }

    /// <summary>
    /// [heads] or empty: slopes from 0 to 65536 (ALiBi, Press et al., 2021). The score of the row at p and the key at j, scaled and
    /// capped, is lessened by slope * |p - j|.
    /// </summary>
    public ReadOnlySpan<float> AlibiSlopes { get; set; }

    /// <summary>
    /// [heads] or empty: one more score per head, as it is, that takes its part of the softmax and has no value ("attention sink").
    /// </summary>
    public ReadOnlySpan<float> Sinks { get; set; }
}
