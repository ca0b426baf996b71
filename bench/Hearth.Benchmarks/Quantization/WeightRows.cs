namespace Hearth.Benchmarks.Quantization;

/// <summary>Made weights of known distributions.</summary>
internal static class WeightRows
{
    private const int Matrices = 8;
    private const int Elements = 1 << 20;
    private const double Deviation = 0.02;

    /// <summary>Normal values; Laplace's (heavier tails); normal ones of which one in 200 is ten times as large.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["normal", "laplace", "outliers"];

    /// <summary>Matrices of a kind; the same in every run.</summary>
    /// <exception cref="InvalidOperationException">There is no such kind.</exception>
    public static IEnumerable<float[]> Make(string kind)
    {
        Func<Random, double> sample = kind switch
        {
            "normal" => Normal,
            "laplace" => random => Math.Sign(random.NextDouble() - 0.5) * Math.Log(1 - random.NextDouble()),
            "outliers" => random => Normal(random) * (random.Next(200) == 0 ? 10 : 1),
            _ => throw new InvalidOperationException($"There are no '{kind}' rows; there are {string.Join(", ", Kinds)}."),
        };
        return Enumerable.Range(1, Matrices).Select(seed =>
        {
            Random random = new(seed);
            float[] values = new float[Elements];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)(Deviation * sample(random));
            }

            return values;
        });
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
