namespace Hearth.Store.Manifests;

/// <summary>What a layer is to a model.</summary>
internal enum LayerRole
{
    /// <summary>Something that running a model does not need.</summary>
    Other,

    /// <summary>GGUF weights, or a part of split ones.</summary>
    Weights,

    /// <summary>Weights in a format that is not run: safetensors, DDUF, single tensors.</summary>
    ForeignWeights,

    /// <summary>A projector.</summary>
    Projector,

    /// <summary>A LoRA adapter.</summary>
    Adapter,

    /// <summary>A chat template.</summary>
    Template,

    /// <summary>Instructions.</summary>
    System,

    /// <summary>Parameters by Ollama's names.</summary>
    Parameters,

    /// <summary>Messages that conversations begin with.</summary>
    Messages,

    /// <summary>The text of a licence.</summary>
    License,

    /// <summary>An archive that would have to be unpacked to be used.</summary>
    Archive,
}
