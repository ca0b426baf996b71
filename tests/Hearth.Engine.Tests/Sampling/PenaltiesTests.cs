using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

public class PenaltiesTests
{
    // ln 0.2 < 0, so it is multiplied by the repetition penalty; e^(50 ln 0.2) is nothing.
    [Theory]
    [InlineData(new[] { 0 }, 50f, 0f, 0f, new[] { 0, 0.25f, 0.25f, 0.25f, 0.25f })]
    [InlineData(new[] { 0, 1, 2 }, 50f, 0f, 0f, new[] { 0, 0, 0, 0.5f, 0.5f })]
    [InlineData(new[] { 0, 1, 2, 0, 0 }, 50f, 0f, 0f, new[] { 0, 0, 0, 0.5f, 0.5f })]
    [InlineData(new[] { 0 }, 1f, 5f, 5f, new[] { 0.000011f, 0.249997f, 0.249997f, 0.249997f, 0.249997f })]
    [InlineData(new[] { 0, 1, 2 }, 1f, 5f, 5f, new[] { 0.000023f, 0.000023f, 0.000023f, 0.499966f, 0.499966f })]
    [InlineData(new[] { 0, 1, 2, 0, 0 }, 1f, 5f, 5f, new[] { 0, 0.000023f, 0.000023f, 0.499977f, 0.499977f })]
    public void Penalise_the_tokens_of_the_history(int[] history, float repeat, float frequency, float presence, float[] probabilities)
    {
        var logits = StageRunner.Logits(0.2f, 0.2f, 0.2f, 0.2f, 0.2f);
        var (stage, _) = Create(history, -1, repeat, frequency, presence);
        StageRunner.Check(StageRunner.Run(logits, stage), [0, 1, 2, 3, 4], probabilities);

        // The same when an earlier stage has already made a list of the candidates.
        StageRunner.Check(StageRunner.Run(logits, new TopK(5), stage), [0, 1, 2, 3, 4], probabilities);
    }

    [Fact]
    public void The_repetition_penalty_divides_positive_logits_and_multiplies_others()
    {
        var (stage, _) = Create([0, 1, 2], -1, 2, 0, 0);
        var left = StageRunner.Run([3f, -3f, 0f, 3f], stage);
        Assert.Equal([1.5f, -6f, 0f, 3f], left.Select(candidate => candidate.Logit));
    }

    [Fact]
    public void Frequency_counts_and_presence_does_not()
    {
        var (stage, _) = Create([0, 0, 0, 1], -1, 1, 0.5f, 0.25f);
        var left = StageRunner.Run([3f, 3f, 3f], stage);
        Assert.Equal([3f - 1.75f, 3f - 0.75f, 3f], left.Select(candidate => candidate.Logit));
    }

    [Fact]
    public void Extreme_penalties_stay_finite()
    {
        var (stage, _) = Create([0, 1], -1, float.MaxValue, float.MaxValue, float.MaxValue);
        var left = StageRunner.Run([3f, -3f, 1f], stage);
        Assert.Equal([-float.MaxValue, -float.MaxValue, 1f], left.Select(candidate => candidate.Logit));
        (stage, _) = Create([0, 1], -1, 1, -float.MaxValue, -float.MaxValue);
        left = StageRunner.Run([3f, -3f, 1f], stage);
        Assert.Equal([float.MaxValue, float.MaxValue, 1f], left.Select(candidate => candidate.Logit));
        (stage, _) = Create([0, 1], -1, float.MaxValue, -float.MaxValue, -float.MaxValue);
        left = StageRunner.Run([3f, -3f, 1f], stage);
        Assert.Equal([float.MaxValue, 0f, 1f], left.Select(candidate => candidate.Logit));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(-1)]
    public void Only_the_window_counts(int window)
    {
        var random = new Random(window);
        var tokens = Enumerable.Range(0, 500).Select(_ => random.Next(20)).ToArray();
        var (stage, history) = Create([], window, 1, 1, 0);
        for (var i = 0; i < tokens.Length; i++)
        {
            stage.Accept(tokens[i]);
            history.Add(tokens[i]);
            var last = tokens[..(i + 1)].TakeLast(window < 0 ? int.MaxValue : window).ToArray();
            var expected = Enumerable.Range(0, 20).Select(token => -(float)last.Count(other => other == token));
            Assert.Equal(expected, StageRunner.Run(new float[20], stage).Select(candidate => candidate.Logit));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(300)]
    [InlineData(int.MaxValue)]
    public void The_history_holds_the_last_tokens(int capacity)
    {
        var history = new TokenHistory(capacity);
        for (var i = 0; i < 1000; i++)
        {
            history.Add(i);
            Assert.Equal(Math.Min(i + 1, capacity), history.Count);
            if (capacity > 0)
            {
                Assert.Equal(i, history.FromEnd(0));
                Assert.Equal(i + 1 - history.Count, history.FromEnd(history.Count - 1));
            }
        }
    }

    private static (Penalties Stage, TokenHistory History) Create(
        int[] tokens, int window, float repeat, float frequency, float presence)
    {
        var history = new TokenHistory(window < 0 ? int.MaxValue : window);
        var stage = new Penalties(history, window, repeat, frequency, presence);
        foreach (var token in tokens)
        {
            stage.Accept(token);
            history.Add(token);
        }

        return (stage, history);
    }
}
