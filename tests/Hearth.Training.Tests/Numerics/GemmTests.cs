using Hearth.Training.Numerics;

namespace Hearth.Training.Tests.Numerics;

public sealed class GemmTests
{
    [Theory]
    [InlineData(1, 32, 1)]
    [InlineData(8, 32, 16)]
    [InlineData(13, 96, 37)]
    [InlineData(17, 64, 1100)]
    public void Each_product_equals_the_sum_of_products(int m, int n, int k)
    {
        var random = new DeterministicRandom(m, n, k);
        float[] a = Draw(random, m * k);
        float[] b = Draw(random, k * n);
        float[] initial = Draw(random, m * n);
        double[] expected = Naive(m, n, k, a, b);
        var gemm = new Gemm();

        float[] c = [.. initial];
        gemm.Times(m, n, k, a, b, c);
        AssertClose(expected, c, k);

        c = [.. initial];
        gemm.TimesTransposed(m, n, k, a, Transpose(k, n, b), c);
        AssertClose(expected, c, k);

        c = [.. initial];
        gemm.TransposedTimes(m, n, k, Transpose(m, k, a), b, c, accumulate: true);
        AssertClose([.. expected.Zip(initial, (x, y) => x + y)], c, k);
    }

    [Fact]
    public void A_width_that_is_no_multiple_of_32_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Gemm().Times(1, 33, 1, new float[1], new float[33], new float[33]));

    private static float[] Draw(DeterministicRandom random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];

    private static float[] Transpose(int rows, int columns, float[] x)
    {
        var y = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            y[i % columns * rows + i / columns] = x[i];
        }

        return y;
    }

    private static double[] Naive(int m, int n, int k, float[] a, float[] b)
    {
        var c = new double[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                for (int p = 0; p < k; p++)
                {
                    c[i * n + j] += (double)a[i * k + p] * b[p * n + j];
                }
            }
        }

        return c;
    }

    private static void AssertClose(double[] expected, float[] actual, int k)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5 * Math.Sqrt(k) * 4);
        }
    }
}
