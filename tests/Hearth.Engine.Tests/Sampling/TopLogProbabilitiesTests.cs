using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

public class TopLogProbabilitiesTests
{
    [Fact]
    public void Are_natural_logarithms_of_the_softmax()
    {
        // The shift drops out.
        var logits = StageRunner.Logits(0.1f, 0.2f, 0.3f, 0.4f).Select(logit => logit + 7).ToArray();
        var result = TopLogProbabilities.Compute(logits, chosen: 0, top: 2);
        Assert.Equal(0, result.Chosen.Token);
        Assert.Equal(Math.Log(0.1), result.Chosen.LogProbability, 1e-5);
        Assert.Equal([3, 2], result.Top.Select(top => top.Token));
        Assert.Equal(Math.Log(0.4), result.Top[0].LogProbability, 1e-5);
        Assert.Equal(Math.Log(0.3), result.Top[1].LogProbability, 1e-5);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(20, 20)]
    [InlineData(99, 50)]
    [InlineData(int.MaxValue, 50)]
    public void Report_as_many_as_there_are(int top, int expected)
    {
        var logits = StageRunner.RandomLogits(60, 1);
        logits.AsSpan(50).Fill(float.NegativeInfinity);
        var result = TopLogProbabilities.Compute(logits, chosen: 55, top);
        Assert.Equal(float.NegativeInfinity, result.Chosen.LogProbability);
        Assert.Equal(expected, result.Top.Count);
        Assert.Equal(result.Top, result.Top.OrderByDescending(token => token.LogProbability).ThenBy(token => token.Token));
    }

    [Fact]
    public void All_probabilities_sum_to_one()
    {
        var result = TopLogProbabilities.Compute(StageRunner.RandomLogits(10_000, 2), chosen: 1, top: 10_000);
        Assert.Equal(1, result.Top.Sum(token => Math.Exp(token.LogProbability)), 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rank_is_the_place_in_a_sorted_list_of_which_equal_ones_are_by_id(int seed)
    {
        var logits = StageRunner.RandomLogits(500, seed).Select(logit => MathF.Round(logit)).ToArray();
        logits[17] = float.NegativeInfinity;
        logits[18] = float.NegativeInfinity;
        var order = Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token]).ThenBy(token => token).ToList();
        Assert.All(Enumerable.Range(0, logits.Length), token => Assert.Equal(order.IndexOf(token), TopLogProbabilities.Compute(logits, token, 0).Rank));
    }

    [Fact]
    public void Unusable_logits_are_an_error()
    {
        Assert.Throws<InvalidLogitsException>(() => TopLogProbabilities.Compute([0, float.NaN], 0, 1));
        Assert.Throws<InvalidLogitsException>(() => TopLogProbabilities.Compute([float.NegativeInfinity], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TopLogProbabilities.Compute([0, 1], 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TopLogProbabilities.Compute([0, 1], 0, -1));
    }
}
