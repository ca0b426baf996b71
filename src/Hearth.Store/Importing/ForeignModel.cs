namespace Hearth.Store.Importing;

/// <summary>Which program's folder a model is in.</summary>
public enum ForeignSource
{
    /// <summary>Docker Model Runner.</summary>
    DockerModelRunner,

    /// <summary>Ollama.</summary>
    Ollama,

    /// <summary>llama.cpp's cache.</summary>
    LlamaCpp,

    /// <summary>The cache of Hugging Face's programs.</summary>
    HuggingFace,
}

/// <summary>A model that another program has on this machine.</summary>
/// <param name="Source">The program.</param>
/// <param name="Reference">What the model is called.</param>
/// <param name="Size">Bytes of its files.</param>
/// <param name="Location">Where it is: a manifest or a GGUF file.</param>
/// <param name="Updated">When it was last written.</param>
public sealed record ForeignModel(ForeignSource Source, References.ModelReference Reference, long Size, string Location, DateTimeOffset Updated)
{
    /// <summary>Its files beside a manifest.</summary>
    internal IReadOnlyList<ForeignFile> Files { get; init; } = [];

    /// <summary>Whether it has a manifest of its own, at its location.</summary>
    internal bool HasManifest => Source is ForeignSource.DockerModelRunner or ForeignSource.Ollama;
}
