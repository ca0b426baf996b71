namespace Hearth.Store.References;

/// <summary>What kind of place a reference names, which decides the protocol and the rules for names.</summary>
public enum ReferenceKind
{
    /// <summary>A registry of the OCI distribution specification, Docker Hub among them.</summary>
    Oci,

    /// <summary>A repository of Hugging Face.</summary>
    HuggingFace,

    /// <summary>Ollama's registry.</summary>
    Ollama,
}
