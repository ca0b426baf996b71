using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Packaging;

/// <summary>What to make a model in Ollama's format of: a stored model or files, and what is put beside or in place of what they have.</summary>
public sealed record CreationRequest
{
    /// <summary>The model that it is made from; null where it is made from files only.</summary>
    public StoredModel? Base { get; init; }

    /// <summary>GGUF files: the weights, unless there is a base, and at most one projector. Their headers tell them apart.</summary>
    public IReadOnlyList<CreationFile> Files { get; init; } = [];

    /// <summary>LoRA adapters; the base's stay.</summary>
    public IReadOnlyList<CreationFile> Adapters { get; init; } = [];

    /// <summary>The chat template, in Go's or in Jinja's language; null or empty to keep the base's.</summary>
    public string? Template { get; init; }

    /// <summary>Instructions; null or empty to keep the base's.</summary>
    public string? System { get; init; }

    /// <summary>Parameters by Ollama's names; the base's others stay.</summary>
    public JsonObject? Parameters { get; init; }

    /// <summary>Messages; empty to keep the base's.</summary>
    public IReadOnlyList<PackagedMessage> Messages { get; init; } = [];

    /// <summary>Texts of licences, which are added to the base's.</summary>
    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>What Ollama writes prompts with; only what the base has already.</summary>
    public string? Renderer { get; init; }

    /// <summary>What Ollama reads answers with; only what the base has already.</summary>
    public string? Parser { get; init; }

    /// <summary>The version of Ollama that it asks for; null for the base's.</summary>
    public string? Requires { get; init; }
}

/// <summary>A file to make a model of: one of the file system, or a content that the store has.</summary>
public sealed record CreationFile
{
    private CreationFile(string name, string? path, Digest? digest)
    {
        Name = name;
        Path = path;
        Digest = digest;
    }

    /// <summary>Its name, which tells parts of split weights apart.</summary>
    public string Name { get; }

    /// <summary>Its path; null for a content of the store.</summary>
    public string? Path { get; }

    /// <summary>The content; null for a file.</summary>
    public Digest? Digest { get; }

    /// <summary>A file; of split weights, the first part, beside which the others are.</summary>
    public static CreationFile FromPath(string path) => new(System.IO.Path.GetFileName(path), path, null);

    /// <summary>A content that the store has, under the name that its file had.</summary>
    public static CreationFile FromContent(string name, Digest digest) => new(name, null, digest);
}
