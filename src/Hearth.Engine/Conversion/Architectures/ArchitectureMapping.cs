namespace Hearth.Engine.Conversion.Architectures;

/// <summary>How models of a type become a GGUF file: which tensors go where, and what the metadata say.</summary>
internal sealed record ArchitectureMapping
{
    /// <summary>The values of <c>model_type</c>.</summary>
    public required IReadOnlyList<string> ModelTypes { get; init; }

    /// <summary>The value of <c>general.architecture</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The tensors, in the order in which they are written, those of layers for each layer.</summary>
    public required IReadOnlyList<TensorRule> Tensors { get; init; }

    /// <summary>Values of entries of <c>config.json</c> that published files leave out.</summary>
    public IReadOnlyDictionary<string, double> Defaults { get; init; } = new Dictionary<string, double>();

    /// <summary>Writes the metadata, adds tensors that are computed, and refuses what the architecture cannot say.</summary>
    public required Action<MappingContext> Describe { get; init; }

    /// <summary>Whether a SentencePiece tokenizer puts a space before a text; null leaves it to the tokenizer.</summary>
    public bool? SpacePrefix { get; init; }

    /// <summary>Whether the output matrix is always the embedding, whatever the folder has.</summary>
    public bool IsAlwaysTied { get; init; }
}
