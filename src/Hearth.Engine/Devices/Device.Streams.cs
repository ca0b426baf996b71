namespace Hearth.Engine.Devices;

/// <content>Operations of residual streams that are several, and of sparse activations.</content>
public abstract partial class Device
{
    /// <summary>
    /// Adds mixtures of parts of a row: <c>destination[r, b, :] += Σ_a coefficients[r, b * A + a] * input[r, a, :]</c>, where a row of the
    /// input has A parts and one of the destination B.
    /// </summary>
    /// <param name="coefficients">Activations <c>[tokens, B * A]</c>.</param>
    /// <param name="input">Activations <c>[tokens, A * width]</c>.</param>
    /// <param name="destination">Activations <c>[tokens, B * width]</c>, not the input.</param>
    /// <param name="width">Elements of a part.</param>
    public abstract void MixParts(Tensor coefficients, Tensor input, Tensor destination, int width);

    /// <summary>Scales each row to the Euclidean length of the reference's; rows of zeros stay.</summary>
    public abstract void MatchLength(Tensor reference, Tensor tensor);

    /// <summary>
    /// Keeps what lies far above the mean of its row: <c>x = max(0, x - mean - deviations * s)</c> with s² the sum of squared differences
    /// over one less than the columns, in place.
    /// </summary>
    public abstract void KeepOutliers(Tensor tensor, float deviations);
}
