using Hearth.Kernels.Formats;

namespace Hearth.Engine.Quantization;

/// <summary>How a model is to be quantised.</summary>
public sealed record QuantizationOptions
{
    /// <summary>The names of the file types that can be written, in any case: <c>Q4_K_M</c>, <c>IQ4_XS</c>, <c>F16</c>, …</summary>
    public static IReadOnlyList<string> FileTypes => FileType.Writable;

    /// <summary>The file type, one of <see cref="FileTypes"/>; Q3_K, Q4_K and Q5_K mean their middle mixes.</summary>
    public required string Type { get; init; }

    /// <summary>The type of the output matrix, in place of the mix's.</summary>
    public TensorType? OutputTensorType { get; init; }

    /// <summary>The type of the token embeddings, in place of the mix's.</summary>
    public TensorType? TokenEmbeddingType { get; init; }

    /// <summary>Types for tensors by name; the first rule that matches counts.</summary>
    public IReadOnlyList<TensorTypeRule> TensorTypes { get; init; } = [];

    /// <summary>Whether all matrices get the file type's one type, the output matrix and the embeddings too.</summary>
    public bool Pure { get; init; }

    /// <summary>Whether tensors that are quantised already may be rounded again, which loses more than quantising the original.</summary>
    public bool Requantize { get; init; }
}
