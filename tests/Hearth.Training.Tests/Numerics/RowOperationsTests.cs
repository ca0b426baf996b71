using Hearth.Training.Numerics;

namespace Hearth.Training.Tests.Numerics;

public sealed class RowOperationsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(33)]
    public void Softmax_covers_the_first_elements_and_clears_the_rest(int count)
    {
        float[] row = [.. Enumerable.Range(0, 48).Select(i => (i * 7 % 11) - 5f)];
        double sum = row.Take(count).Sum(x => Math.Exp(x));
        double[] expected = [.. row.Select((x, i) => i < count ? Math.Exp(x) / sum : 0)];

        RowOperations.Softmax(row, count);

        Assert.All(row.Select((x, i) => (x, i)), pair => Assert.Equal(expected[pair.i], pair.x, 1e-6));
    }

    [Fact]
    public void RmsNorm_divides_by_the_root_of_the_mean_square()
    {
        float[] x = [.. Enumerable.Range(1, 16).Select(i => (float)i)];
        float[] weight = [.. Enumerable.Range(0, 16).Select(i => 1 + i / 16f)];
        var y = new float[16];
        var scales = new float[1];

        RowOperations.RmsNorm(x, weight, 0, y, scales);

        // The squares of 1 to 16 sum to 1496.
        Assert.Equal(1 / Math.Sqrt(1496 / 16.0), scales[0], 1e-6);
        Assert.Equal(16 * weight[15] / Math.Sqrt(93.5), y[15], 1e-5);
    }
}
