namespace Hearth.Store.Packaging;

/// <summary>Reads the header of a GGUF file, or of all parts of a split one.</summary>
/// <param name="paths">The parts, in their order; or only the first part, whose name tells where the others are.</param>
public delegate GgufFacts GgufReader(IReadOnlyList<string> paths);

/// <summary>What a GGUF file says of itself, as far as packages repeat it.</summary>
public sealed record GgufFacts
{
    /// <summary>The paths of all parts, in their order.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Whether it is a model, a projector or an adapter: <c>general.type</c>, <c>model</c> where the file does not say it.</summary>
    public string Type { get; init; } = "model";

    /// <summary>The architecture.</summary>
    public string? Architecture { get; init; }

    /// <summary>The number of parameters.</summary>
    public long Parameters { get; init; }

    /// <summary>The quantisation: <c>Q4_K_M</c>.</summary>
    public string? FileType { get; init; }

    /// <summary>Bytes of all parts.</summary>
    public long Bytes { get; init; }

    /// <summary>Tokens of context that it was trained with.</summary>
    public long? ContextLength { get; init; }

    /// <summary>The width of its residual stream.</summary>
    public long? EmbeddingLength { get; init; }

    /// <summary>Its chat template; null without one.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The metadata as text, without long arrays.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it is a projector; older ones only have the architecture of one.</summary>
    public bool IsProjector => Type is "mmproj" or "projector" or "clip-vision" || (Type == "model" && Architecture == "clip");

    /// <summary>Whether it is a LoRA adapter.</summary>
    public bool IsAdapter => Type == "adapter";
}
