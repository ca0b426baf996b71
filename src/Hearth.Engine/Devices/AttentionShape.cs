using Hearth.Kernels.Attention;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Devices;

/// <summary>How attention is to be computed in one layer.</summary>
public readonly record struct AttentionShape
{
    /// <summary>The layer's place in the key-value cache.</summary>
    public required int Layer { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>The factor of the scores before the softmax.</summary>
    public required float Scale { get; init; }

    /// <summary>Which positions a token sees.</summary>
    public AttentionMask Mask { get; init; }

    /// <summary>The window or chunk of <see cref="Mask"/>, in positions; 0 for all.</summary>
    public int Window { get; init; }

    /// <summary>c of <c>c * tanh(score / c)</c>; 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>Vector <c>[heads]</c> of logits that join each softmax without a value, or none.</summary>
    public Tensor Sinks { get; init; }

    /// <summary>Vector <c>[heads]</c> of slopes for linear biases (ALiBi, arXiv:2108.12409), or none.</summary>
    public Tensor Slopes { get; init; }
}

/// <summary>Which part of each head is rotated, and by which angles.</summary>
/// <param name="Table">The step's table of angles.</param>
/// <param name="Pairing">Which elements are a pair.</param>
/// <param name="Offset">Elements of a head before the rotated ones.</param>
public readonly record struct RopeShape(int Table, RopePairing Pairing, int Offset = 0);
