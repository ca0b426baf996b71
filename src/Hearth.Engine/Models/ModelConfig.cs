namespace Hearth.Engine.Models;

/// <summary>What a model file's header says about the network, as far as most architectures share it.</summary>
public sealed record ModelConfig
{
    /// <summary>The name of the architecture, as in <c>general.architecture</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Tokens of context that the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>Layers that run; layers that only predict further tokens (<c>nextn_predict_layers</c>) are not counted.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Layers in the file.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Tokens in the vocabulary: rows of the embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Query heads of each layer; 0 for layers without attention.</summary>
    public required IReadOnlyList<int> HeadCounts { get; init; }

    /// <summary>Key and value heads of each layer.</summary>
    public required IReadOnlyList<int> KeyValueHeadCounts { get; init; }

    /// <summary>Elements of a query or key head.</summary>
    public required int KeyLength { get; init; }

    /// <summary>Elements of a value head.</summary>
    public required int ValueLength { get; init; }

    /// <summary>Width of each layer's feed-forward network.</summary>
    public required IReadOnlyList<int> FeedForwardLengths { get; init; }

    /// <summary>The epsilon of the norms.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>Rotary position embedding.</summary>
    public required RopeConfig Rope { get; init; }

    /// <summary>The factor of attention scores.</summary>
    public required float AttentionScale { get; init; }

    /// <summary>Positions that windowed layers see; 0 for none.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Experts of a layer; 0 for a dense network.</summary>
    public int ExpertCount { get; init; }

    /// <summary>Experts that each token goes to.</summary>
    public int ExpertUsedCount { get; init; }

    /// <summary>Whether tokens see only those before them.</summary>
    public bool Causal { get; init; } = true;
}
