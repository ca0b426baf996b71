using Hearth.Kernels.Activation;
using Hearth.Kernels.Attention;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Blocks;

/// <summary>What is normalised in queries and keys.</summary>
internal enum QueryKeyNorm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Each head, root mean square, one weight vector for all heads.</summary>
    Head,

    /// <summary>Each head, root mean square, with weights for every head.</summary>
    HeadWeights,

    /// <summary>Each head, with layer norms that have weights for every head.</summary>
    HeadLayer,

    /// <summary>The whole vector of all heads, root mean square.</summary>
    Vector,

    /// <summary>The whole vector of all heads, layer norm.</summary>
    VectorLayer,

    /// <summary>Each head, root mean square without weights.</summary>
    Unweighted,

    /// <summary>Each head, root mean square without weights, and then a factor for each query head.</summary>
    QueryGain,
}

/// <summary>What multiplies attention's result before the output projection.</summary>
internal enum AttentionGate
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A sigmoid of the second half of each query head's rows (<c>attn_q</c> has twice the rows).</summary>
    InQuery,

    /// <summary>A function of <c>attn_gate</c>'s product, one value per element.</summary>
    Separate,

    /// <summary>A function of <c>attn_gate</c>'s product, one value per head.</summary>
    PerHead,
}

/// <summary>Grouped-query attention of one layer.</summary>
internal sealed record AttentionDescription
{
    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Elements of a query or key head.</summary>
    public required int KeyLength { get; init; }

    /// <summary>Elements of a value head.</summary>
    public required int ValueLength { get; init; }

    /// <summary>The factor of the scores.</summary>
    public required float Scale { get; init; }

    /// <summary>How rotated elements pair; null for no rotary positions.</summary>
    public RopePairing? Pairing { get; init; } = RopePairing.Adjacent;

    /// <summary>Which table of angles.</summary>
    public int Rope { get; init; }

    /// <summary>Which positions are seen.</summary>
    public AttentionMask Mask { get; init; }

    /// <summary>The window or chunk; 0 for all positions.</summary>
    public int Window { get; init; }

    /// <summary>c of <c>c * tanh(score / c)</c>; 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>Norm of queries and keys; absent weights mean none where the family says that it is optional.</summary>
    public QueryKeyNorm Norm { get; init; }

    /// <summary>Whether the norm's weights may be absent, and then the norm.</summary>
    public bool NormIsOptional { get; init; }

    /// <summary>Whether queries and keys are normalised after they were rotated.</summary>
    public bool NormAfterRope { get; init; }

    /// <summary>Whether each value head is normalised, without weights.</summary>
    public bool NormalizeValues { get; init; }

    /// <summary>Largest exponent of the linear biases (ALiBi, arXiv:2108.12409); 0 for none.</summary>
    public float AlibiMaxBias { get; init; }

    /// <summary>Whether queries are multiplied by the step's query scale.</summary>
    public bool ScaleQueries { get; init; }

    /// <summary>Limit of queries, keys and values after their biases; 0 for none.</summary>
    public float Clamp { get; init; }

    /// <summary>What multiplies the result.</summary>
    public AttentionGate Gate { get; init; }

    /// <summary>The function of the gate.</summary>
    public ActivationKind GateActivation { get; init; } = ActivationKind.Sigmoid;

    /// <summary>A factor of the result.</summary>
    public float ResultScale { get; init; } = 1;

    /// <summary>The name of a norm in front of the output projection (BitNet's <c>attn_sub_norm</c>), or null.</summary>
    public string? InnerNorm { get; init; }

    /// <summary>The cache layer of an earlier layer whose keys and values are read; null for own ones.</summary>
    public int? SharedCacheLayer { get; init; }
}
