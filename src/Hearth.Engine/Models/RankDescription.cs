using Hearth.Engine.Embedding;
using Hearth.Kernels.Activation;

namespace Hearth.Engine.Models;

/// <summary>How a classifier ranks. The defaults are RoBERTa's.</summary>
internal sealed record RankDescription
{
    /// <summary>What the classifier reads.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Cls;

    /// <summary>The non-linearity after the classifier's first layer.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Tanh;

    /// <summary>Whether the outputs become probabilities.</summary>
    public bool Softmax { get; init; }
}
