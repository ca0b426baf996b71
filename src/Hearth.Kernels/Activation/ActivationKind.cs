namespace Hearth.Kernels.Activation;

/// <summary>The nonlinear functions of feed-forward blocks and gates.</summary>
public enum ActivationKind
{
    /// <summary>x / (1 + e^-x), also called swish.</summary>
    Silu,

    /// <summary>
    /// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): the approximation of GELU (Hendrycks and Gimpel, 2016), from halves to halves.
    /// </summary>
    Gelu,

    /// <summary>x/2 (1 + erf(x / sqrt(2))): GELU itself.</summary>
    GeluErf,

    /// <summary>x / (1 + e^(-1.702 x)): the quick approximation of GELU, from halves to halves.</summary>
    GeluQuick,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>max(x, 0)^2 (So et al., "Primer", 2021).</summary>
    ReluSquared,

    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,

    /// <summary>(e^x - e^-x) / (e^x + e^-x).</summary>
    Tanh,

    /// <summary>log(1 + e^x).</summary>
    Softplus,

    /// <summary>e^x; zero below -87, e^88 above 88.</summary>
    Exponential,
}
