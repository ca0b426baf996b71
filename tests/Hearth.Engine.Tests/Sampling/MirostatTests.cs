using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

public class MirostatTests
{
    [Fact]
    public void Version_2_cuts_by_surprise_and_learns()
    {
        // Surprises: 1, 2, 3 and 3 bits; mu starts at 2 tau = 2.
        var mirostat = new Mirostat(2, 4, tau: 1, eta: 0.5f);
        Assert.Equal([0, 1], Cut(mirostat, 0.5f, 0.25f, 0.125f, 0.125f));

        mirostat.Accept(0.25f);
        Assert.Equal(1.5, mirostat.Mu);
        Assert.Equal([0], Cut(mirostat, 0.5f, 0.25f, 0.125f, 0.125f));

        mirostat.Accept(1);
        Assert.Equal(2, mirostat.Mu);
    }

    [Fact]
    public void Version_2_leaves_at_least_one()
    {
        var mirostat = new Mirostat(2, 4, tau: 0, eta: 0.5f);
        Assert.Equal([0], Cut(mirostat, 0.5f, 0.25f, 0.125f, 0.125f));
    }

    [Fact]
    public void Version_1_estimates_the_exponent_of_zipf()
    {
        // p_i = c / (i + 1)^2 has exactly s = 2: k = sqrt(2^mu / (1 - 1/V)); with mu = 2 * 3: sqrt(64 * 1000 / 999) = 8.004.
        var mirostat = new Mirostat(1, 1000, tau: 3, eta: 0.1f);
        var zipf = Enumerable.Range(1, 1000).Select(i => 1f / ((float)i * i)).ToArray();
        Assert.Equal([.. Enumerable.Range(0, 8)], Cut(mirostat, zipf));
        Assert.Equal([0], Cut(mirostat, 1f));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_surprise_approaches_tau(int version)
    {
        var logits = StageRunner.RandomLogits(2000, 8, scale: 2);
        var sampler = new Sampler(
            new SamplingOptions { Temperature = 1, Mirostat = version, MirostatTau = 4, MirostatEta = 0.1f, Seed = 9 }, logits.Length);
        double surprise = 0;
        const int Draws = 4000;
        for (var i = 0; i < Draws; i++)
        {
            var token = sampler.Sample(logits);
            foreach (var candidate in sampler.Remaining)
            {
                surprise -= candidate.Token == token ? Math.Log2(candidate.Probability) : 0;
            }
        }

        Assert.Equal(4, surprise / Draws, 0.1);
    }

    private static int[] Cut(Mirostat mirostat, params float[] probabilities)
    {
        var candidates = new Candidates(new CandidateBuffer(), StageRunner.Logits(probabilities));
        mirostat.Cut(ref candidates);
        return [.. candidates.Items.ToArray().Select(candidate => candidate.Token)];
    }
}
