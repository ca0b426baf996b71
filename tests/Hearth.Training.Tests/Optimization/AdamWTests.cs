using Hearth.Training.Optimization;

namespace Hearth.Training.Tests.Optimization;

public sealed class AdamWTests
{
    [Fact]
    public void Two_steps_equal_the_hand_computed_ones()
    {
        var optimizer = new AdamW(2, beta1: 0.9f, beta2: 0.99f, epsilon: 0);
        float[] weights = [7, 1];

        // The first step's corrected moments are g and g^2: the weight moves by rate (sign(g) + decay w).
        optimizer.Update(1, rate: 0.1f, decay: 0.5f, scale: 2, offset: 1, weights.AsSpan(1), [-0.25f]);
        Assert.Equal(7, weights[0]);
        Assert.Equal(1 - 0.1 * (-1 + 0.5), weights[1], 1e-6);

        // m = 0.9 (-0.05) + 0.1 (0.1) = -0.035, v = 0.99 (0.0025) + 0.01 (0.01) = 0.002575; 1 - 0.81 = 0.19, 1 - 0.9801 = 0.0199.
        optimizer.Update(2, rate: 0.1f, decay: 0, scale: 1, offset: 1, weights.AsSpan(1), [0.1f]);
        double step = -0.035 / 0.19 / Math.Sqrt(0.002575 / 0.0199);
        Assert.Equal(1.05 - 0.1 * step, weights[1], 1e-5);
    }

    [Fact]
    public void The_rate_rises_linearly_and_falls_as_a_cosine()
    {
        var rate = new LearningRate(Peak: 2, WarmUp: 10, Steps: 110);

        Assert.Equal(0.2, rate.At(1), 1e-6);
        Assert.Equal(2, rate.At(10), 1e-6);
        Assert.Equal(2 * (0.05 + 0.95 * 0.5), rate.At(60), 1e-5);
        Assert.Equal(0.1, rate.At(110), 1e-6);
    }
}
