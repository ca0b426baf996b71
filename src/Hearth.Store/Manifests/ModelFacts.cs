namespace Hearth.Store.Manifests;

/// <summary>Whose format a model is packaged in.</summary>
public enum PackageFormat
{
    /// <summary>Docker's (docker/model-spec).</summary>
    Docker,

    /// <summary>The CNCF's ModelPack.</summary>
    Cncf,

    /// <summary>Ollama's.</summary>
    Ollama,
}

/// <summary>What a model's config says of it, in the words of whoever packaged it.</summary>
public sealed record ModelFacts
{
    /// <summary>Whose format it is packaged in.</summary>
    public required PackageFormat Package { get; init; }

    /// <summary>The format of its weights: <c>gguf</c>, <c>safetensors</c>, ...</summary>
    public required string Format { get; init; }

    /// <summary>The architecture: <c>llama</c>, ...</summary>
    public string? Architecture { get; init; }

    /// <summary>The number of parameters: <c>361.82M</c>.</summary>
    public string? Parameters { get; init; }

    /// <summary>The quantisation: <c>Q4_K_M</c>.</summary>
    public string? Quantization { get; init; }

    /// <summary>The size of the weights: <c>256.35MiB</c>.</summary>
    public string? Size { get; init; }

    /// <summary>Tokens of context to run it with, where that was packaged.</summary>
    public long? ContextSize { get; init; }

    /// <summary>Tokens of context that it was trained with, where that is known.</summary>
    public long? TrainedContext { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset? Created { get; init; }
}
