using System.Diagnostics.CodeAnalysis;

namespace Hearth.Store.References;

/// <summary>
/// The name of a model at the place that it comes from, in its normal form: <c>docker.io/ai/smollm2:latest</c>,
/// <c>registry:5000/team/model@sha256:...</c>, <c>hf.co/Owner/Repo:Q4_K_M@revision</c>, <c>registry.ollama.ai/library/llama3.2:latest</c>. Two
/// references that name the same thing are equal.
/// </summary>
public sealed class ModelReference : IEquatable<ModelReference>
{
    /// <summary>The registry of short names.</summary>
    public const string DockerHub = "docker.io";

    /// <summary>The organisation of names of one word.</summary>
    public const string DefaultOrganization = "ai";

    /// <summary>The tag of references without one.</summary>
    public const string DefaultTag = "latest";

    /// <summary>Hugging Face.</summary>
    public const string HuggingFaceHost = "hf.co";

    /// <summary>Ollama's registry.</summary>
    public const string OllamaHost = "registry.ollama.ai";

    /// <summary>The namespace of Ollama's own models.</summary>
    public const string OllamaLibrary = "library";

    internal ModelReference(ReferenceKind kind, string registry, string repository, string? tag, Digest? digest, string? revision)
    {
        Kind = kind;
        Registry = registry;
        Repository = repository;
        Tag = tag;
        Digest = digest;
        Revision = revision;
    }

    /// <summary>The kind of place.</summary>
    public ReferenceKind Kind { get; }

    /// <summary>The host, with its port where one is given.</summary>
    public string Registry { get; }

    /// <summary>The path at that host: <c>ai/smollm2</c>, <c>Owner/Repo</c>.</summary>
    public string Repository { get; }

    /// <summary>The tag; of Hugging Face, the quantisation or the file that is meant, null for the usual one; null where only a digest is given.</summary>
    public string? Tag { get; }

    /// <summary>The digest of the manifest that is meant, whatever a tag points to.</summary>
    public Digest? Digest { get; }

    /// <summary>Of Hugging Face, a branch, tag or commit; null for <c>main</c>.</summary>
    public string? Revision { get; }

    /// <summary>The last part of the repository.</summary>
    public string Name => Repository[(Repository.LastIndexOf('/') + 1)..];

    /// <summary>What the reference is called in URLs of the distribution protocol: the digest, else the tag.</summary>
    public string ManifestName => Digest?.ToString() ?? Tag ?? DefaultTag;

    /// <summary>The form for people: without what goes without saying.</summary>
    public string Display => ReferenceParser.Shorten(this);

    /// <summary>What is the same for references that name the same thing; Hugging Face and Ollama do not tell names apart by case, but revisions.</summary>
    internal string Key => Kind switch
    {
        ReferenceKind.Oci => ToString(),
        ReferenceKind.HuggingFace when Revision is not null => $"{Registry}/{Repository}:{Tag}".ToLowerInvariant() + $"@{Revision}",
        _ => ToString().ToLowerInvariant(),
    };

    /// <summary>Reads a reference in any of the forms that people write or paste.</summary>
    /// <exception cref="ReferenceException">It is not one.</exception>
    public static ModelReference Parse(string text) => ReferenceParser.Parse(text, DockerHub);

    /// <summary>Reads a reference in any of the forms that people write or paste.</summary>
    /// <param name="text">The reference.</param>
    /// <param name="defaultRegistry">The registry of names without one.</param>
    /// <exception cref="ReferenceException">It is not one.</exception>
    public static ModelReference Parse(string text, string defaultRegistry) => ReferenceParser.Parse(text, defaultRegistry);

    /// <summary>Reads a reference in any of the forms that people write or paste.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ModelReference? reference)
    {
        try
        {
            reference = text is null ? null : Parse(text);
        }
        catch (ReferenceException)
        {
            reference = null;
        }

        return reference is not null;
    }

    /// <summary>The same repository under another tag.</summary>
    public ModelReference WithTag(string tag) => ReferenceParser.CheckTag(this, tag);

    /// <inheritdoc/>
    public bool Equals(ModelReference? other) => other is not null && Kind == other.Kind && Key == other.Key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ModelReference);

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <summary>The normal form, which <see cref="Parse(string)"/> reads back.</summary>
    public override string ToString()
    {
        string tag = Tag is null ? string.Empty : $":{Tag}";
        string? end = Kind == ReferenceKind.HuggingFace ? Revision : Digest?.ToString();
        return $"{Registry}/{Repository}{tag}{(end is null ? string.Empty : $"@{end}")}";
    }
}
