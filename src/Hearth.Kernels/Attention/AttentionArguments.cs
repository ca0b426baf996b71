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
    /// Query heads: a multiple of the storage's key and value heads. Head h uses key and value head h / (heads / keyValueHeads).
    /// </summary>
    public int Heads { get; set; }

    /// <summary>
    /// [sequences, BlockTableStride]: the storage's block for every <see cref="KvStorage.BlockTokens"/> positions of a sequence.
    /// </summary>
    public ReadOnlySpan<int> BlockTables { get; set; }

    /// <summary>Elements from one sequence's table to the next.</summary>
    public int BlockTableStride { get; set; }

    /// <summary>[rows]: which block table is the row's.</summary>
    public ReadOnlySpan<int> RowSequences { get; set; }

    /// <summary>[rows]: the row's position p in its sequence. It attends to positions max(0, p - Window + 1) to p.</summary>
    public ReadOnlySpan<int> RowPositions { get; set; }

    /// <summary>Positions that a row sees, itself included; 0 means all.</summary>
    public int Window { get; set; }

    /// <summary>What query times key is multiplied by; positive.</summary>
    public float Scale { get; set; }

    /// <summary>c: scores s become c * tanh(s / c); 0 means that they stay.</summary>
    public float SoftCap { get; set; }
}
