using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models;

/// <summary>How a layer's two blocks meet the residual stream.</summary>
internal enum LayerLayout
{
    /// <summary>First the mixer, then the feed-forward network on what came out.</summary>
    Sequential,

    /// <summary>Both read the same residual stream and are added at once.</summary>
    Parallel,

    /// <summary>Each norm comes after its residual addition (BERT).</summary>
    PostNorm,
}

/// <summary>A transformer layer as data. The defaults are Llama's.</summary>
internal sealed record LayerDescription
{
    /// <summary>The norms' kind.</summary>
    public NormKind Norm { get; init; } = NormKind.RootMeanSquare;

    /// <summary>Whether the norms have no weights in the file.</summary>
    public bool UnweightedNorms { get; init; }

    /// <summary>How the blocks meet the residual stream.</summary>
    public LayerLayout Layout { get; init; }

    /// <summary>The norm in front of the mixer, or null for none.</summary>
    public string? MixerNorm { get; init; } = "attn_norm";

    /// <summary>The norm of the mixer's output, or null.</summary>
    public string? MixerPostNorm { get; init; }

    /// <summary>In a post-norm layer: the norm of a second addition of the layer's input, or null.</summary>
    public string? MixerSecondPostNorm { get; init; }

    /// <summary>The norm in front of the feed-forward network, or null for none (in a parallel layer: the mixer's).</summary>
    public string? FeedForwardNorm { get; init; } = "ffn_norm";

    /// <summary>The norm of the feed-forward network's output, or null.</summary>
    public string? FeedForwardPostNorm { get; init; }

    /// <summary>What follows the names of the norms after the blocks in the tensors' names.</summary>
    public string PostNormSuffix { get; init; } = ".weight";

    /// <summary>A factor of both blocks' outputs.</summary>
    public float ResidualScale { get; init; } = 1;

    /// <summary>The attention.</summary>
    public required AttentionDescription Attention { get; init; }

    /// <summary>The dense feed-forward network, or null.</summary>
    public FeedForwardDescription? FeedForward { get; init; }

    /// <summary>The experts; they come before a dense network.</summary>
    public ExpertsDescription? Experts { get; init; }
}

/// <summary>What surrounds the layers, as data. The defaults are Llama's.</summary>
internal sealed record ModelDescription
{
    /// <summary>The name of the table of token embeddings.</summary>
    public string EmbeddingTable { get; init; } = "token_embd.weight";

    /// <summary>The factor of token embeddings.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>Whether <c>position_embd</c> is added to the token embeddings.</summary>
    public bool LearnedPositions { get; init; }

    /// <summary>Whether the first row of <c>token_types</c> is added to the token embeddings when the model has it.</summary>
    public bool TokenTypes { get; init; }

    /// <summary>The norm of the embeddings (<c>token_embd_norm</c>), or null.</summary>
    public NormKind? EmbeddingNorm { get; init; }

    /// <summary>The kind of the last norm (<c>output_norm</c>); null for none.</summary>
    public NormKind? OutputNorm { get; init; } = NormKind.RootMeanSquare;

    /// <summary>The name of the last norm.</summary>
    public string OutputNormName { get; init; } = "output_norm";

    /// <summary>Whether the last norm has no weights in the file.</summary>
    public bool UnweightedOutputNorm { get; init; }

    /// <summary>Whether there are logits; false for encoders.</summary>
    public bool HasHead { get; init; } = true;

    /// <summary>A factor of the logits.</summary>
    public float LogitScale { get; init; } = 1;

    /// <summary>c of <c>c * tanh(logit / c)</c>; 0 for none.</summary>
    public float LogitSoftCap { get; init; }

    /// <summary>The factor of queries at a position; null for 1.</summary>
    public Func<int, float>? QueryScale { get; init; }

    /// <summary>How a classifier ranks, in models that have one.</summary>
    public RankDescription Rank { get; init; } = new();
}
