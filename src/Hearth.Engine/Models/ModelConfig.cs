namespace Hearth.Engine.Models;

/// <summary>What a model file's header says about the network.</summary>
public sealed record ModelConfig
{
    /// <summary>The name of the architecture, as in <c>general.architecture</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Tokens of context that the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>Decoder layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Tokens in the vocabulary: rows of the embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Query heads of a layer.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key and value heads of a layer; divides <see cref="HeadCount"/>.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Elements of a query or key head.</summary>
    public required int KeyLength { get; init; }

    /// <summary>Elements of a value head.</summary>
    public required int ValueLength { get; init; }

    /// <summary>Width of the feed-forward network, or of one expert.</summary>
    public required int FeedForwardLength { get; init; }

    /// <summary>The epsilon of the norms.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>Rotary position embedding.</summary>
    public required RopeConfig Rope { get; init; }

    /// <summary>The factor of attention scores.</summary>
    public required float AttentionScale { get; init; }

    /// <summary>s of the query scale <c>1 + s * ln(1 + floor(position / original context))</c>; 0 for none.</summary>
    public float QueryTemperatureScale { get; init; }

    /// <summary>Experts of a layer; 0 for a dense network.</summary>
    public int ExpertCount { get; init; }

    /// <summary>Experts that each token goes to.</summary>
    public int ExpertUsedCount { get; init; }

    /// <summary>A factor of the experts' weights.</summary>
    public float ExpertWeightScale { get; init; } = 1;
}
