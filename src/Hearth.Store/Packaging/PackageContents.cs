using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Packaging;

/// <summary>A content of the store that becomes a layer.</summary>
/// <param name="Digest">The content.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Path">The path of its file in the model's folder, with <c>/</c>.</param>
/// <param name="Modified">When its file was written; null for the time at which the model was made.</param>
internal sealed record PackagedFile(Digest Digest, long Size, string Path, DateTimeOffset? Modified = null);

/// <summary>What a model is made of, whoever's format it is written in. The contents are in the store already.</summary>
internal sealed record PackageContents
{
    /// <summary>The GGUF weights, the parts of split ones in their order.</summary>
    public required IReadOnlyList<PackagedFile> Weights { get; init; }

    /// <summary>What the weights say of themselves.</summary>
    public required GgufFacts Facts { get; init; }

    /// <summary>When the model was made: the same contents and time give the same ID.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>A projector; null for none.</summary>
    public PackagedFile? Projector { get; init; }

    /// <summary>LoRA adapters.</summary>
    public IReadOnlyList<PackagedFile> Adapters { get; init; } = [];

    /// <summary>A Jinja chat template; null for the weights' own.</summary>
    public PackagedFile? ChatTemplate { get; init; }

    /// <summary>Licences.</summary>
    public IReadOnlyList<PackagedFile> Licenses { get; init; } = [];

    /// <summary>Tokens of context to run it with; null for none.</summary>
    public long? ContextSize { get; init; }
}

/// <summary>A model that only has to be stored: its manifest, and the config that the manifest names.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Config">The config, which is a content as the others are.</param>
internal sealed record BuiltPackage(Manifest Manifest, byte[] Config);
