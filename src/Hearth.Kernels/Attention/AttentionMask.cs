namespace Hearth.Kernels.Attention;

/// <summary>Which positions of its sequence a row sees.</summary>
public enum AttentionMask
{
    /// <summary>From max(0, p - window + 1) to the row's position p; all up to p without a window.</summary>
    Causal,

    /// <summary>From floor(p / window) * window to the row's position p. The window is the chunk's size and cannot be 0.</summary>
    Chunked,

    /// <summary>All positions of the sequence, before and after; with a window those that are at most window / 2 away.</summary>
    Bidirectional,
}
