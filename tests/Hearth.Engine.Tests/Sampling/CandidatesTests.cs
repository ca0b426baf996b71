using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

public class CandidatesTests
{
    [Theory]
    [InlineData(0f)]
    [InlineData(1.5f)]
    [InlineData(-1.5f)]
    [InlineData(float.MaxValue)]
    [InlineData(-float.MaxValue)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e-40f)]
    public void Keys_hold_their_value_and_id(float value)
    {
        var key = CandidateKey.Pack(value, 123_456);
        Assert.Equal(value, CandidateKey.Value(key));
        Assert.Equal(123_456, CandidateKey.Id(key));
    }

    [Fact]
    public void Keys_order_values_downwards_and_ids_upwards()
    {
        ulong[] keys =
        [
            CandidateKey.Pack(3, 5), CandidateKey.Pack(0, 1), CandidateKey.Pack(-0f, 2), CandidateKey.Pack(0, 3),
            CandidateKey.Pack(-1, 0), CandidateKey.Pack(-2, 0), CandidateKey.Pack(float.NegativeInfinity, 0),
        ];
        Assert.Equal(keys, keys.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(249)]
    [InlineData(250)]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void The_top_is_the_start_of_the_sorted_list(int count)
    {
        var logits = StageRunner.RandomLogits(1000, seed: 1);
        for (var i = 0; i < logits.Length; i++)
        {
            // Many equal logits, and some tokens that are excluded.
            logits[i] = i % 17 == 0 ? float.NegativeInfinity : MathF.Round(logits[i]);
        }

        var expected = Enumerable.Range(0, 1000).Where(i => !float.IsNegativeInfinity(logits[i]))
            .OrderByDescending(i => logits[i]).ThenBy(i => i).Take(count).ToArray();

        var fromLogits = new Candidates(new CandidateBuffer(), logits);
        fromLogits.KeepTop(count);
        Assert.Equal(expected, fromLogits.Items.ToArray().Select(candidate => candidate.Token));
        Assert.Equal(expected.Select(i => logits[i]), fromLogits.Items.ToArray().Select(candidate => candidate.Logit));

        var fromList = new Candidates(new CandidateBuffer(), logits);
        Assert.Equal(941, fromList.Items.Length);
        fromList.KeepTop(count);
        Assert.Equal(expected, fromList.Items.ToArray().Select(candidate => candidate.Token));
        Assert.True(fromList.IsSorted);
    }

    [Fact]
    public void The_top_of_fewer_candidates_is_all_of_them()
    {
        var logits = Enumerable.Repeat(float.NegativeInfinity, 1000).ToArray();
        logits[10] = 1;
        logits[900] = 2;
        var candidates = new Candidates(new CandidateBuffer(), logits);
        candidates.KeepTop(5);
        Assert.Equal([900, 10], candidates.Items.ToArray().Select(candidate => candidate.Token));
    }

    [Fact]
    public void Changes_leave_the_given_logits_alone()
    {
        var logits = StageRunner.RandomLogits(100, seed: 2);
        var copy = logits.ToArray();
        var candidates = new Candidates(new CandidateBuffer(), logits);
        candidates.Change(new Dictionary<int, float> { [3] = 100 }, (logit, bias) => logit + bias);
        candidates.KeepMaximum();
        Assert.Equal(3, candidates.Items[0].Token);
        Assert.Equal(copy, logits);
    }

    [Fact]
    public void Changes_apply_to_a_list_too()
    {
        var candidates = new Candidates(new CandidateBuffer(), StageRunner.Logits(0.1f, 0.2f, 0.3f, 0.4f));
        candidates.KeepTop(3);
        candidates.Change(
            new Dictionary<int, float> { [0] = 100, [2] = 100, [3] = float.NegativeInfinity }, (logit, bias) => logit + bias);
        Assert.False(candidates.IsSorted);
        Assert.Equal([2, 1], candidates.Items.ToArray().Select(candidate => candidate.Token));
        Assert.Equal(100 + MathF.Log(0.3f), candidates.MaximumLogit(), 1e-4);
    }

    [Fact]
    public void The_maximum_is_the_lowest_id_of_equal_logits()
    {
        var logits = new float[100];
        logits[40] = logits[60] = 1;
        var candidates = new Candidates(new CandidateBuffer(), logits);
        candidates.KeepMaximum();
        Assert.Equal(40, Assert.Single(candidates.Items.ToArray()).Token);
    }

    [Fact]
    public void Reordering_twice_and_skipping_keeps_the_right_ones()
    {
        var candidates = new Candidates(new CandidateBuffer(), StageRunner.Logits(0.1f, 0.2f, 0.3f, 0.4f));
        candidates.Sort();
        candidates.SkipFirst(1);
        candidates.Reorder([2, 1, 0], 3);
        Assert.Equal([0, 1, 2], candidates.Items.ToArray().Select(candidate => candidate.Token));
        candidates.Reorder([1, 2, 0], 2);
        Assert.Equal([1, 2], candidates.Items.ToArray().Select(candidate => candidate.Token));
        candidates.Sort();
        Assert.Equal([2, 1], candidates.Items.ToArray().Select(candidate => candidate.Token));
    }
}
