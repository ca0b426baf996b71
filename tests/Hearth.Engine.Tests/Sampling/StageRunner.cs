using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

/// <summary>Applies stages to a distribution and shows what is left.</summary>
internal static class StageRunner
{
    internal static float[] Logits(params float[] probabilities) => [.. probabilities.Select(probability => MathF.Log(probability))];

    /// <summary>The candidates in order, with their probabilities renormalised.</summary>
    internal static Candidate[] Run(float[] logits, params SamplerStage[] stages)
    {
        var candidates = new Candidates(new CandidateBuffer(), logits);
        foreach (var stage in stages)
        {
            stage.Apply(ref candidates);
        }

        candidates.Softmax();
        return candidates.Items.ToArray();
    }

    /// <summary>Expects these tokens, in this order, with these probabilities.</summary>
    internal static void Check(Candidate[] actual, int[] tokens, float[] probabilities)
    {
        Assert.Equal(tokens, actual.Select(candidate => candidate.Token));
        for (var i = 0; i < probabilities.Length; i++)
        {
            Assert.Equal(probabilities[i], actual[i].Probability, 1e-5);
        }
    }

    /// <summary>Normally distributed numbers times a scale.</summary>
    internal static float[] RandomLogits(int count, int seed, float scale = 3)
    {
        var random = new Random(seed);
        var logits = new float[count];
        for (var i = 0; i < count; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            logits[i] = (float)(scale * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return logits;
    }
}
