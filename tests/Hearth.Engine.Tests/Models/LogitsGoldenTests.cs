using Hearth.Engine.Scheduling;
using Hearth.Kernels.Attention;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Models;

/// <summary>Logits against those of llama.cpp, for every family that Hearth runs.</summary>
public sealed class LogitsGoldenTests
{
    /// <summary>The names of all golden models.</summary>
    public static TheoryData<string> Architectures => [.. Golden.Names("archs", ".gguf")];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Architecture_MatchesTheReference(string name) => AssertLogits("archs", name, tokens: 96, tolerance: 1e-5);

    [Theory]
    [InlineData("IQ4_NL")]
    [InlineData("IQ4_XS")]
    [InlineData("Q2_K")]
    [InlineData("Q3_K_M")]
    [InlineData("Q4_0")]
    [InlineData("Q4_K_M")]
    [InlineData("Q5_1")]
    [InlineData("Q5_K_M")]
    [InlineData("Q6_K")]
    [InlineData("Q8_0")]
    public void QuantizedModel_MatchesTheReference(string type) => AssertLogits("quantized", $"llama-256-{type}", tokens: 96, tolerance: 1e-3);

    [Fact]
    public void TrainedModel_MatchesTheReference()
    {
        string path = Golden.Path("stories", "stories260K.gguf");

        // The reference was made with a cache of 32-bit floats; its tolerance leaves no room for 16.
        float[] logits = Score(path, 64, new LanguageModelOptions { CacheType = KvElementType.F32 });

        double error = Golden.NormalizedMeanSquaredError(logits, Golden.Floats("stories", "once.logits"));
        Assert.True(error <= 1e-8, $"NMSE {error:E2}");
    }

    [Theory]
    [InlineData("llama-dense")]
    [InlineData("llama-moe")]
    public void Logits_AreTheSameWithAnyNumberOfThreads(string name)
    {
        string path = Golden.Path("archs", name + ".gguf");

        Assert.Equal(Score(path, 70, new LanguageModelOptions { Threads = 1 }), Score(path, 70, new LanguageModelOptions { Threads = 3 }));
    }

    private static void AssertLogits(string folder, string name, int tokens, double tolerance)
    {
        string path = Golden.Path(folder, name + ".gguf");

        double error = Golden.NormalizedMeanSquaredError(Score(path, tokens, new LanguageModelOptions()), Golden.Floats(folder, name + ".logits"));

        Assert.True(error <= tolerance, $"NMSE {error:E2} of {name} is over {tolerance:E0}");
    }

    private static float[] Score(string path, int count, LanguageModelOptions options)
    {
        using LogitScorer scorer = LogitScorer.Load(path, options);
        int[] tokens = [.. Enumerable.Range(0, count).Select(i => ((i * 37) + 11) % scorer.Config.VocabularySize)];
        List<float> logits = [];
        scorer.Score(tokens, row => logits.AddRange(row), TestContext.Current.CancellationToken);
        return [.. logits];
    }
}
