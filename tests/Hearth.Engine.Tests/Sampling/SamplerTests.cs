using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

public class SamplerTests
{
    private static readonly SamplingOptions s_plain = new() { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, Seed = 42 };

    [Fact]
    public void The_default_chain_is_that_of_the_documentation() =>
        Assert.Equal(
            "penalties, dry, top_n_sigma, top_k, typ_p, top_p, min_p, xtc, temperature",
            string.Join(", ", new SamplingOptions().Samplers.Select(SamplerNames.ToName)));

    [Fact]
    public void Samples_in_proportion_to_the_probabilities()
    {
        float[] probabilities = [0.05f, 0.4f, 0.02f, 0.3f, 0.13f, 0.1f];
        Assert.InRange(ChiSquared(s_plain, StageRunner.Logits(probabilities), probabilities), 0, 20.5);
        Assert.InRange(ChiSquared(s_plain with { TopK = 5 }, StageRunner.Logits(probabilities),
            [.. probabilities.Select(p => p == 0.02f ? 0 : p / 0.98f)]), 0, 18.5);
    }

    [Fact]
    public void Samples_in_proportion_to_the_heated_probabilities()
    {
        float[] probabilities = [0.05f, 0.4f, 0.02f, 0.3f, 0.13f, 0.1f];
        var sum = probabilities.Sum(p => p * p);
        Assert.InRange(ChiSquared(s_plain with { Temperature = 0.5f }, StageRunner.Logits(probabilities),
            [.. probabilities.Select(p => p * p / sum)]), 0, 20.5);
    }

    // Words 1 and 2 of mt19937(42) are 1608637542 and 3421126067: u = 0.7965; words 3 and 4 are 4083286876 and 787846414: u = 0.1834.
    [Fact]
    public void A_seed_gives_the_tokens_that_the_generator_says()
    {
        var logits = StageRunner.Logits(0.1f, 0.2f, 0.3f, 0.4f);
        var inIdOrder = new Sampler(s_plain, 4);
        Assert.Equal([3, 1], new[] { inIdOrder.Sample(logits), inIdOrder.Sample(logits) });

        // After top-k the walk starts at the most probable token: 0.4, 0.7, 0.9, 1.
        var sorted = new Sampler(s_plain with { TopK = 4 }, 4);
        Assert.Equal([1, 3], new[] { sorted.Sample(logits), sorted.Sample(logits) });
    }

    [Fact]
    public void A_single_candidate_takes_no_random_number()
    {
        var logits = StageRunner.Logits(0.1f, 0.2f, 0.3f, 0.4f);
        var sampler = new Sampler(s_plain, 4);
        Assert.Equal(2, sampler.Sample([float.NegativeInfinity, float.NegativeInfinity, 5, float.NegativeInfinity]));
        Assert.Equal([3, 1], new[] { sampler.Sample(logits), sampler.Sample(logits) });
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_same_seed_gives_the_same_tokens(SamplingOptions options)
    {
        var first = Generate(options, 50);
        Assert.Equal(first, Generate(options, 50));
        Assert.NotEqual(first, Generate(options with { Seed = 43 }, 50));
    }

    public static TheoryData<SamplingOptions> Variants() =>
    [
        new SamplingOptions { Seed = 42 },
        s_plain,
        new SamplingOptions { Seed = 42, Mirostat = 1 },
        new SamplingOptions { Seed = 42, Mirostat = 2 },
        new SamplingOptions { Seed = 42, RepeatPenalty = 1.1f, PresencePenalty = 0.5f, TopNSigma = 2 },
        new SamplingOptions { Seed = 42, TypicalP = 0.9f, XtcProbability = 0.5f },
        new SamplingOptions { Seed = 42, DryMultiplier = 0.8f, DynamicTemperatureRange = 0.5f, TopK = -1 },
    ];

    [Fact]
    public void A_seed_is_drawn_if_none_is_given()
    {
        var seeds = Enumerable.Range(0, 4).Select(_ => new Sampler(new SamplingOptions(), 4).Seed).ToArray();
        Assert.True(seeds.Distinct().Count() > 1);
        var drawn = new Sampler(s_plain with { Seed = null }, 1000);
        var logits = StageRunner.RandomLogits(1000, 1);
        var tokens = Enumerable.Range(0, 20).Select(_ => drawn.Sample(logits)).ToArray();
        var again = new Sampler(s_plain with { Seed = drawn.Seed }, 1000);
        Assert.Equal(tokens, Enumerable.Range(0, 20).Select(_ => again.Sample(logits)));
        Assert.Equal(42u, new Sampler(s_plain, 4).Seed);
    }

    [Fact]
    public void Temperature_zero_takes_the_largest_logit()
    {
        var logits = StageRunner.RandomLogits(1000, 4);
        logits[123] = logits[77] = 50;
        Assert.Equal(77, new Sampler(new SamplingOptions { Temperature = 0 }, 1000).Sample(logits));
        Assert.Equal(77, new Sampler(new SamplingOptions { Temperature = 0, Samplers = [SamplerKind.TopK] }, 1000).Sample(logits));
        Assert.Equal(77, new Sampler(new SamplingOptions { Temperature = 0, Mirostat = 2 }, 1000).Sample(logits));

        var penalised = new Sampler(new SamplingOptions { Temperature = 0, RepeatPenalty = 10 }, 1000);
        penalised.Accept(77);
        Assert.Equal(123, penalised.Sample(logits));
    }

    [Fact]
    public void Temperature_zero_respects_the_order_of_the_stages()
    {
        // Top-k 1 leaves token 1 before it is penalised.
        var sampler = new Sampler(
            new SamplingOptions
            {
                Temperature = 0,
                TopK = 1,
                PresencePenalty = 10,
                Samplers = [SamplerKind.TopK, SamplerKind.Penalties, SamplerKind.Temperature],
            },
            3);
        sampler.Accept(1);
        Assert.Equal(1, sampler.Sample([1, 2, 0]));

        sampler = new Sampler(new SamplingOptions { Temperature = 0, TopK = 1, PresencePenalty = 10 }, 3);
        sampler.Accept(1);
        Assert.Equal(0, sampler.Sample([1, 2, 0]));
    }

    [Fact]
    public void Temperature_zero_and_xtc_takes_the_largest_that_xtc_leaves()
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 0, XtcProbability = 1 }, 4);
        Assert.Equal(2, sampler.Sample(StageRunner.Logits(0.4f, 0.3f, 0.25f, 0.05f)));
    }

    [Fact]
    public void Biases_add_and_exclude()
    {
        float[] logits = [1, 2, 3, 4];
        var options = new SamplingOptions
        {
            Temperature = 0,
            LogitBias = new Dictionary<int, float> { [3] = float.NegativeInfinity, [0] = 2.5f },
        };
        Assert.Equal(0, new Sampler(options, 4).Sample(logits));
        Assert.Equal([1f, 2f, 3f, 4f], logits);
        Assert.Equal(2, new Sampler(options with { IgnoreEndOfGeneration = true }, 4, [0, 1]).Sample(logits));
        Assert.Equal(0, new Sampler(options, 4, [0, 1]).Sample(logits));
    }

    [Fact]
    public void A_bias_outside_the_vocabulary_is_refused()
    {
        var options = new SamplingOptions { LogitBias = new Dictionary<int, float> { [4] = 1 } };
        var error = Assert.Throws<SamplingOptionException>(() => new Sampler(options, 4));
        Assert.Equal("LogitBias is 1 for token 4; expected token ids from 0 to 3.", error.Message);
    }

    [Fact]
    public void The_prompt_counts()
    {
        var options = new SamplingOptions { Temperature = 0, FrequencyPenalty = 1, DryMultiplier = 10 };
        var sampler = new Sampler(options, 5, null, DryBreakers.None);
        foreach (var token in new[] { 0, 1, 2, 0, 1 })
        {
            sampler.Accept(token);
        }

        // Penalties: 2, 2 and 1; DRY takes 10 off token 2, which would continue "0 1".
        Assert.Equal(3, sampler.Sample([5, 4.5f, 6, 3.5f, 3]));
        Assert.Equal(2, sampler.Sample([5, 4.5f, 16, 3.5f, 3]));
        Assert.Equal(0, sampler.Sample([5.9f, 4.5f, 14, 3.5f, 3]));
    }

    [Fact]
    public void Dry_without_breakers_is_an_error_of_the_caller()
    {
        var options = new SamplingOptions { DryMultiplier = 1 };
        Assert.True(Sampler.NeedsBreakers(options));
        Assert.Throws<ArgumentException>(() => new Sampler(options, 4));
        Assert.False(Sampler.NeedsBreakers(new SamplingOptions()));
        Assert.False(Sampler.NeedsBreakers(options with { DryPenaltyLastN = 0 }));
        Assert.False(Sampler.NeedsBreakers(options with { Mirostat = 2 }));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Unusable_logits_are_an_error(float value)
    {
        foreach (var options in Variants().Select(row => row.Data).Append(new SamplingOptions { Temperature = 0 }))
        {
            foreach (var position in new[] { 0, 50, 99 })
            {
                var logits = StageRunner.RandomLogits(100, 5);
                logits[position] = value;
                var error = Assert.Throws<InvalidLogitsException>(() => new Sampler(options, 100, null, DryBreakers.None).Sample(logits));
                Assert.Equal(position, error.Token);
                Assert.Equal(value, error.Value);
            }
        }
    }

    [Fact]
    public void Excluding_every_token_is_an_error()
    {
        foreach (var options in Variants().Select(row => row.Data).Append(new SamplingOptions { Temperature = 0 }))
        {
            var none = new Sampler(options, 3, null, DryBreakers.None);
            var error = Assert.Throws<InvalidLogitsException>(
                () => none.Sample([float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity]));
            Assert.Null(error.Token);

            var biases = Enumerable.Range(0, 3).ToDictionary(token => token, _ => float.NegativeInfinity);
            var biased = new Sampler(options with { LogitBias = biases }, 3, null, DryBreakers.None);
            Assert.Throws<InvalidLogitsException>(() => biased.Sample([1, 2, 3]));
        }
    }

    [Fact]
    public void Extreme_logits_and_options_choose_a_token()
    {
        float[] logits = [float.MaxValue, -float.MaxValue, 0, float.NegativeInfinity, 1e-45f, float.MaxValue];
        SamplingOptions[] extremes =
        [
            s_plain with { Temperature = float.Epsilon },
            s_plain with { Temperature = float.MaxValue },
            s_plain with { TopNSigma = float.MaxValue, TypicalP = 0, TopP = 0, MinP = 1, XtcProbability = 1, XtcThreshold = 0 },
            s_plain with { DynamicTemperatureRange = float.MaxValue, DynamicTemperatureExponent = float.MaxValue },
            s_plain with { Mirostat = 1, MirostatTau = float.MaxValue, MirostatEta = float.MaxValue },
            s_plain with { Mirostat = 2, MirostatTau = 0, MirostatEta = float.MaxValue },
            s_plain with { DryMultiplier = float.MaxValue, DryBase = float.MaxValue, DryAllowedLength = 0, DryPenaltyLastN = int.MaxValue },
            s_plain with { RepeatPenalty = float.MaxValue, FrequencyPenalty = -float.MaxValue, RepeatLastN = int.MaxValue },
            s_plain with { LogitBias = new Dictionary<int, float> { [0] = float.MaxValue, [1] = -float.MaxValue } },
        ];
        foreach (var options in extremes)
        {
            var sampler = new Sampler(options, logits.Length, null, DryBreakers.None);
            for (var i = 0; i < 20; i++)
            {
                var token = sampler.Sample(logits);
                Assert.NotEqual(3, token);
                Assert.InRange(token, 0, 5);
                sampler.Accept(token);
            }
        }
    }

    [Fact]
    public void Remaining_has_the_probabilities_of_the_draw()
    {
        var sampler = new Sampler(s_plain with { TopK = 2 }, 4);
        sampler.Sample(StageRunner.Logits(0.1f, 0.2f, 0.3f, 0.4f));
        StageRunner.Check(sampler.Remaining.ToArray(), [3, 2], [4 / 7f, 3 / 7f]);
    }

    [Fact]
    public void Sampling_allocates_nothing_once_it_runs()
    {
        var logits = StageRunner.RandomLogits(2000, 6);
        foreach (var options in Variants().Select(row => row.Data).Append(new SamplingOptions { Temperature = 0 }))
        {
            var sampler = new Sampler(options, 2000, null, DryBreakers.None);
            for (var i = 0; i < 1000; i++)
            {
                sampler.Accept(sampler.Sample(logits));
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 50; i++)
            {
                sampler.Accept(sampler.Sample(logits));
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void The_number_of_logits_is_checked()
    {
        var sampler = new Sampler(s_plain, 4);
        Assert.Throws<ArgumentException>(() => sampler.Sample(new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Accept(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Accept(-1));
    }

    private static int[] Generate(SamplingOptions options, int count)
    {
        var sampler = new Sampler(options, 1000, null, DryBreakers.None);
        var tokens = new int[count];
        for (var i = 0; i < count; i++)
        {
            tokens[i] = sampler.Sample(StageRunner.RandomLogits(1000, i));
            sampler.Accept(tokens[i]);
        }

        return tokens;
    }

    private static double ChiSquared(SamplingOptions options, float[] logits, float[] expected)
    {
        const int Draws = 20_000;
        var sampler = new Sampler(options, logits.Length);
        var counts = new int[logits.Length];
        for (var i = 0; i < Draws; i++)
        {
            counts[sampler.Sample(logits)]++;
        }

        double sum = 0;
        for (var token = 0; token < counts.Length; token++)
        {
            if (expected[token] == 0)
            {
                Assert.Equal(0, counts[token]);
            }
            else
            {
                var difference = counts[token] - (Draws * (double)expected[token]);
                sum += difference * difference / (Draws * (double)expected[token]);
            }
        }

        return sum;
    }
}
