using Hearth.Kernels.Activation;

namespace Hearth.Engine.Devices;

/// <summary>The non-linearity of a feed-forward network.</summary>
/// <param name="Kind">The function.</param>
/// <param name="ClampLimit">Above 0: the gated unit of gpt-oss, <c>g * sigmoid(1.702 g) * (u + 1)</c> with g at most and u within this
/// limit.</param>
public readonly record struct Activation(ActivationKind Kind, float ClampLimit = 0)
{
    /// <summary>The parameters of xIELU (arXiv:2411.13010), which is then the function; null for <see cref="Kind"/>.</summary>
    public ExpandedIntegral? ExpandedIntegral { get; init; }

    /// <summary>Above 0: the activated gate is at most this, and up is held within it (SiLU only; Step 3.5).</summary>
    public float OutputLimit { get; init; }

    /// <summary>SiLU.</summary>
    public static Activation Silu => new(ActivationKind.Silu);

    /// <summary>GELU in its tanh approximation.</summary>
    public static Activation Gelu => new(ActivationKind.Gelu);

    /// <summary>The square of the rectified value.</summary>
    public static Activation ReluSquared => new(ActivationKind.ReluSquared);
}
