namespace Hearth.Engine.Devices;

/// <summary>Which norm.</summary>
public enum NormKind
{
    /// <summary>Root mean square (arXiv:1910.07467): <c>x / sqrt(mean(x²) + epsilon) * weight</c>.</summary>
    RootMeanSquare,

    /// <summary>Layer normalisation (arXiv:1607.06450): <c>(x - mean) / sqrt(variance + epsilon) * weight + bias</c>.</summary>
    Layer,

    /// <summary>To length one: <c>x / max(sqrt(Σx²), epsilon)</c>, without weights.</summary>
    UnitLength,
}

/// <summary>A norm with its weights. Weights <c>[groups * columns]</c> apply to row r as group <c>r % groups</c>.</summary>
/// <param name="Kind">Which norm.</param>
/// <param name="Weight">Vector, or none for a norm without weights.</param>
/// <param name="Bias">Vector that is added, or none.</param>
/// <param name="Epsilon">Added to the mean of squares or the variance.</param>
public readonly record struct Normalization(NormKind Kind, Tensor Weight, Tensor Bias, float Epsilon);
