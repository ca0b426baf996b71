namespace Hearth.Kernels.Scan;

/// <summary>Which value heads share a key head when there are fewer of those.</summary>
public enum KeyHeadOrder
{
    /// <summary>Neighbours do: head h takes key head h / (heads / key heads), as in Qwen3-Next.</summary>
    Interleaved,

    /// <summary>Every n-th does: head h takes key head h % key heads, as in files of Qwen3.5.</summary>
    Tiled,
}
