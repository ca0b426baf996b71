namespace Hearth.Kernels.Rope;

/// <summary>Which two elements of a head turn together in rotary position embedding.</summary>
public enum RopePairing
{
    /// <summary>Elements 2i and 2i+1, as in the paper and in GGUF files of the llama family.</summary>
    Adjacent,

    /// <summary>Elements i and i + pairs ("NeoX").</summary>
    Split,
}
