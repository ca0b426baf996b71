using Hearth.Store.Manifests;

namespace Hearth.Store.Packaging;

/// <summary>What to package.</summary>
public sealed record PackageRequest
{
    /// <summary>A GGUF file, or the first part of a split one.</summary>
    public required string Gguf { get; init; }

    /// <summary>A projector; null for none.</summary>
    public string? Projector { get; init; }

    /// <summary>LoRA adapters.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>A Jinja chat template; null for the weights' own.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Licences.</summary>
    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>Tokens of context to run it with; null for whatever whoever runs it chooses.</summary>
    public long? ContextSize { get; init; }

    /// <summary>Whose format to write: Docker's or the CNCF's.</summary>
    public PackageFormat Format { get; init; }

    /// <summary>When the model was made; null for the time at which the newest of its files was written, so that the same files give the same ID.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Whether the files stay where they are and are only pointed to.</summary>
    public bool Link { get; init; }
}
