namespace Hearth.Training.Optimization;

/// <summary>AdamW (Loshchilov, Hutter 2019): Adam's moments with weight decay apart from the gradient.</summary>
internal sealed class AdamW(int length, float beta1 = 0.9f, float beta2 = 0.98f, float epsilon = 1e-8f)
{
    private readonly float[] _mean = new float[length];
    private readonly float[] _variance = new float[length];

    /// <summary>
    /// Updates a part of the weights. <paramref name="step"/> counts from 1; <paramref name="scale"/> multiplies the gradients first
    /// (the mean over tokens, and clipping).
    /// </summary>
    public void Update(int step, float rate, float decay, float scale, int offset, Span<float> weights, ReadOnlySpan<float> gradients)
    {
        float meanCorrection = 1 / (1 - MathF.Pow(beta1, step));
        float varianceCorrection = 1 / (1 - MathF.Pow(beta2, step));
        Span<float> mean = _mean.AsSpan(offset, weights.Length);
        Span<float> variance = _variance.AsSpan(offset, weights.Length);
        for (int i = 0; i < weights.Length; i++)
        {
            float gradient = gradients[i] * scale;
            mean[i] = beta1 * mean[i] + (1 - beta1) * gradient;
            variance[i] = beta2 * variance[i] + (1 - beta2) * gradient * gradient;
            float step1 = mean[i] * meanCorrection / (MathF.Sqrt(variance[i] * varianceCorrection) + epsilon);
            weights[i] -= rate * (step1 + decay * weights[i]);
        }
    }
}
