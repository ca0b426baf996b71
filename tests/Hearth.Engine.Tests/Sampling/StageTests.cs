using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

/// <summary>Distributions whose result can be computed by hand.</summary>
public class StageTests
{
    private static readonly float[] s_rising = StageRunner.Logits(0.1f, 0.2f, 0.3f, 0.4f);
    private static readonly float[] s_falling = StageRunner.Logits(0.4f, 0.3f, 0.2f, 0.1f);

    [Theory]
    [InlineData(1, new[] { 3 }, new[] { 1f })]
    [InlineData(3, new[] { 3, 2, 1 }, new[] { 4 / 9f, 3 / 9f, 2 / 9f })]
    [InlineData(4, new[] { 3, 2, 1, 0 }, new[] { 0.4f, 0.3f, 0.2f, 0.1f })]
    [InlineData(9, new[] { 3, 2, 1, 0 }, new[] { 0.4f, 0.3f, 0.2f, 0.1f })]
    public void Top_k(int k, int[] tokens, float[] probabilities) =>
        StageRunner.Check(StageRunner.Run(s_rising, new TopK(k)), tokens, probabilities);

    [Theory]
    [InlineData(0f, 0, new[] { 3 })]
    [InlineData(0.3f, 0, new[] { 3 })]
    [InlineData(0.7f, 0, new[] { 3, 2 })]
    [InlineData(0.8f, 0, new[] { 3, 2, 1 })]
    [InlineData(0.95f, 0, new[] { 3, 2, 1, 0 })]
    [InlineData(0f, 3, new[] { 3, 2, 1 })]
    [InlineData(0f, 9, new[] { 3, 2, 1, 0 })]
    public void Top_p(float p, int minimumKept, int[] tokens)
    {
        Assert.Equal(tokens, StageRunner.Run(s_rising, new TopP(p, minimumKept)).Select(candidate => candidate.Token));
        Assert.Equal(tokens, StageRunner.Run(s_rising, new TopK(4), new TopP(p, minimumKept)).Select(candidate => candidate.Token));
    }

    [Theory]
    [InlineData(0.24f, 0, new[] { 0, 1, 2, 3 })]
    [InlineData(0.26f, 0, new[] { 1, 2, 3 })]
    [InlineData(0.49f, 0, new[] { 1, 2, 3 })]
    [InlineData(0.51f, 0, new[] { 2, 3 })]
    [InlineData(0.74f, 0, new[] { 2, 3 })]
    [InlineData(0.76f, 0, new[] { 3 })]
    [InlineData(1f, 0, new[] { 3 })]
    [InlineData(1f, 3, new[] { 3, 2, 1 })]
    public void Min_p(float p, int minimumKept, int[] tokens) =>
        Assert.Equal(tokens, StageRunner.Run(s_rising, new MinP(p, minimumKept)).Select(candidate => candidate.Token));

    // ln 0.1 .. ln 0.4: mean -1.5, sigma 0.52; max - 1 sigma = ln 0.238, max - 3 sigma = ln 0.084.
    [Theory]
    [InlineData(1f, new[] { 2, 3 })]
    [InlineData(2f, new[] { 1, 2, 3 })]
    [InlineData(3f, new[] { 0, 1, 2, 3 })]
    public void Top_n_sigma(float n, int[] tokens) =>
        Assert.Equal(tokens, StageRunner.Run(s_rising, new TopNSigma(n)).Select(candidate => candidate.Token));

    [Fact]
    public void Top_n_sigma_does_not_count_excluded_tokens()
    {
        float[] logits = [.. s_rising, float.NegativeInfinity, float.NegativeInfinity];
        StageRunner.Check(StageRunner.Run(logits, new TopNSigma(1)), [2, 3], [3 / 7f, 4 / 7f]);
        StageRunner.Check(StageRunner.Run(logits, new TopNSigma(1e30f)), [0, 1, 2, 3], [0.1f, 0.2f, 0.3f, 0.4f]);
    }

    [Fact]
    public void Typical_prefers_the_surprise_of_the_entropy()
    {
        // H = 0.168: |-ln 0.97 - H| = 0.137 is the nearest.
        StageRunner.Check(
            StageRunner.Run(StageRunner.Logits(0.97f, 0.01f, 0.01f, 0.01f), new Typical(0.5f, 0)), [0], [1f]);

        // H = 1.332: -ln 0.4 is 0.416 away, -ln 0.2 is 0.277 away.
        StageRunner.Check(
            StageRunner.Run(StageRunner.Logits(0.4f, 0.2f, 0.2f, 0.2f), new Typical(0.5f, 0)), [1, 2, 3], [1 / 3f, 1 / 3f, 1 / 3f]);
        StageRunner.Check(
            StageRunner.Run(StageRunner.Logits(0.4f, 0.2f, 0.2f, 0.2f), new Typical(0.5f, 4)), [1, 2, 3, 0], [0.2f, 0.2f, 0.2f, 0.4f]);
    }

    [Theory]
    [InlineData(0.09f, 0, new[] { 3 })]
    [InlineData(0.19f, 0, new[] { 2, 3 })]
    [InlineData(0.29f, 0, new[] { 1, 2, 3 })]
    [InlineData(0.39f, 0, new[] { 0, 1, 2, 3 })]
    [InlineData(0.19f, 2, new[] { 2, 3 })]
    [InlineData(0.19f, 3, new[] { 0, 1, 2, 3 })]
    public void Xtc_leaves_the_least_of_the_top_choices(float threshold, int minimumKept, int[] tokens) =>
        Assert.Equal(
            tokens, StageRunner.Run(s_falling, new Xtc(1, threshold, minimumKept, seed: 0)).Select(candidate => candidate.Token));

    [Fact]
    public void Xtc_acts_with_its_probability()
    {
        var stage = new Xtc(0.3f, 0.09f, 0, seed: 5);
        var acted = Enumerable.Range(0, 10_000).Count(_ => StageRunner.Run(s_falling, stage).Length == 1);
        Assert.InRange(acted, 2800, 3200);
    }

    [Theory]
    [InlineData(1f, new[] { 0.1f, 0.2f, 0.3f, 0.4f })]
    [InlineData(0.5f, new[] { 1 / 30f, 4 / 30f, 9 / 30f, 16 / 30f })]
    [InlineData(1e30f, new[] { 0.25f, 0.25f, 0.25f, 0.25f })]
    public void Temperature_is_a_power_of_the_probabilities(float temperature, float[] probabilities) =>
        StageRunner.Check(StageRunner.Run(s_rising, new Temperature(temperature, 0, 1)), [0, 1, 2, 3], probabilities);

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-45f)]
    public void A_temperature_of_nothing_takes_the_maximum(float temperature) =>
        StageRunner.Check(StageRunner.Run(s_rising, new Temperature(temperature, 0, 1)), [3], [1f]);

    [Fact]
    public void Dynamic_temperature_follows_the_entropy()
    {
        // Uniform: H / ln n = 1, so T = 0.8 + 0.5 whatever the exponent; the distribution stays uniform.
        StageRunner.Check(
            StageRunner.Run(StageRunner.Logits(0.5f, 0.5f), new Temperature(0.8f, 0.5f, 2)), [0, 1], [0.5f, 0.5f]);

        // 0.9, 0.1: H / ln 2 = 0.468996 and T = 0.3 + 1.0 * 0.468996; p = 1 / (1 + (1/9)^(1/T)).
        var temperature = 0.3 + 0.468996;
        var expected = (float)(1 / (1 + Math.Pow(1 / 9.0, 1 / temperature)));
        StageRunner.Check(
            StageRunner.Run(StageRunner.Logits(0.9f, 0.1f), new Temperature(0.8f, 0.5f, 1)), [0, 1], [expected, 1 - expected]);

        // With the exponent 2.
        temperature = 0.3 + (0.468996 * 0.468996);
        expected = (float)(1 / (1 + Math.Pow(1 / 9.0, 1 / temperature)));
        StageRunner.Check(
            StageRunner.Run(StageRunner.Logits(0.9f, 0.1f), new Temperature(0.8f, 0.5f, 2)), [0, 1], [expected, 1 - expected]);
    }

    [Theory]
    [InlineData("kpm")]
    [InlineData("kmp")]
    [InlineData("pkm")]
    [InlineData("pmk")]
    [InlineData("mkp")]
    [InlineData("mpk")]
    [InlineData("p")]
    [InlineData("m")]
    public void Cuts_agree_with_a_sorted_list_in_any_order(string order)
    {
        var logits = StageRunner.RandomLogits(5000, seed: 3);
        var expected = Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ToList();
        var stages = new List<SamplerStage>();
        foreach (var letter in order)
        {
            var maximum = logits[expected[0]];
            var sum = expected.Sum(i => Math.Exp(logits[i] - maximum));
            switch (letter)
            {
                case 'k':
                    stages.Add(new TopK(100));
                    expected = [.. expected.Take(100)];
                    break;
                case 'p':
                    stages.Add(new TopP(0.8f, 0));
                    double cumulative = 0;
                    expected = [.. expected.TakeWhile(i =>
                    {
                        var before = cumulative;
                        cumulative += Math.Exp(logits[i] - maximum) / sum;
                        return before < 0.8;
                    })];
                    break;
                default:
                    stages.Add(new MinP(0.02f, 0));
                    expected = [.. expected.Where(i => Math.Exp(logits[i] - maximum) >= 0.02)];
                    break;
            }
        }

        var actual = StageRunner.Run(logits, [.. stages]).Select(candidate => candidate.Token).ToArray();
        Assert.InRange(actual.Length, 2, 4999);
        Assert.Equal(expected.Order(), actual.Order());
    }

    [Theory]
    [InlineData(0.9f, 0)]
    [InlineData(0.9f, 400)]
    [InlineData(0.9f, 600)]
    [InlineData(0.999f, 0)]
    [InlineData(0.5f, 9000)]
    public void Top_p_of_a_vocabulary_is_that_of_the_sorted_list(float p, int minimumKept)
    {
        foreach (var scale in new[] { 0.5f, 5f })
        {
            var logits = StageRunner.RandomLogits(10_000, seed: 4, scale);
            var sorted = StageRunner.Run(logits, new TopK(10_000), new TopP(p, minimumKept));
            Assert.Equal(sorted.Select(item => item.Token), StageRunner.Run(logits, new TopP(p, minimumKept)).Select(item => item.Token));
        }
    }
}
