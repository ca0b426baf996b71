namespace Hearth.Kernels.Attention;

/// <summary>What one layer with attention keeps of a token.</summary>
/// <param name="KeyValueHeads">Key and value heads.</param>
/// <param name="KeySize">Elements of a key of one head.</param>
/// <param name="ValueSize">Elements of a value of one head.</param>
public readonly record struct KvLayerShape(int KeyValueHeads, int KeySize, int ValueSize);
