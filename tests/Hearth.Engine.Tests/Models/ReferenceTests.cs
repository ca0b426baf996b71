using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Hearth.Engine.Embedding;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Kernels.Attention;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Models;

/// <summary>
/// Small models of every architecture, made here, against llama.cpp's results for them: References/NAME.logits holds every eighth of 96
/// rows of logits, or what the header's pooling makes of the states, and manifest.txt the SHA-256 of the model that they belong to.
/// With HEARTH_WRITE_MODELS=folder the models are written there and nothing is compared.
/// </summary>
public sealed class ReferenceTests
{
    /// <summary>What 32-bit floats leave between two engines.</summary>
    private const double Tolerance = 1e-8;

    private static readonly LanguageModelOptions s_options = new() { CacheType = KvElementType.F32, Threads = 1 };

    private static readonly ConcurrentDictionary<string, Lazy<double>> s_errors = [];

    /// <summary>The names of all cases.</summary>
    public static TheoryData<string> Names => [.. ModelCases.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_MatchTheReference(string name)
    {
        ModelCase model = ModelCases.All.Single(model => model.Name == name);
        if (Environment.GetEnvironmentVariable("HEARTH_WRITE_MODELS") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, name + ".sha256"), ModelSynthesizer.Write(model, Path.Combine(folder, name + ".gguf")));
            Assert.Skip($"HEARTH_WRITE_MODELS is set: {name} was written, not compared.");
        }

        double error = Error(model);

        Assert.True(error <= (model.Tolerance ?? Tolerance), $"NMSE {error:E2} of {name} is over {model.Tolerance ?? Tolerance:E0}");
    }

    [Fact]
    public void Manifest_HasALinePerCase() =>
        Assert.Equal(
            ModelCases.All.Select(model => model.Name).Order(StringComparer.Ordinal),
            Manifest().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Exceptions_SayWhy() => Assert.All(ModelCases.All, model => Assert.Equal(model.Tolerance is null, model.Reason is null));

    /// <summary>The normalised mean squared error of a case's logits, measured once in a run.</summary>
    internal static double Error(ModelCase model) => s_errors.GetOrAdd(model.Name, _ => new Lazy<double>(() => Measure(model))).Value;

    private static double Measure(ModelCase model)
    {
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
        try
        {
            Assert.Equal(Manifest()[model.Name], ModelSynthesizer.Write(model, path));
            float[] expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(ReferencePath(model.Name + ".logits"))).ToArray();
            float[] actual = Pools(model) ? Embed(path) : Score(path);
            return Golden.NormalizedMeanSquaredError(actual, expected);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static bool Pools(ModelCase model) => model.Metadata().GetInteger($"{model.Architecture}.pooling_type") is not null;

    private static float[] Embed(string path)
    {
        using EmbeddingModel model = EmbeddingModel.Load(path, s_options);
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        float[] result = model.EmbedAsync([Tokens(model.Config)], cancellationToken: cancellationToken).GetAwaiter().GetResult()[0];
        return model.Pooling == PoolingKind.None
            ? [.. result.Chunk(model.Config.EmbeddingLength).Where((_, row) => row % 8 == 7).SelectMany(row => row)]
            : result;
    }

    private static float[] Score(string path)
    {
        using LogitScorer scorer = LogitScorer.Load(path, s_options);
        List<float> logits = [];
        int rows = 0;
        scorer.Score(
            Tokens(scorer.Config),
            row =>
            {
                if (++rows % 8 == 0)
                {
                    logits.AddRange(row);
                }
            },
            TestContext.Current.CancellationToken);
        return [.. logits];
    }

    private static int[] Tokens(ModelConfig config) => [.. Enumerable.Range(0, 96).Select(i => ((i * 37) + 11) % config.VocabularySize)];

    private static Dictionary<string, string> Manifest() =>
        File.ReadLines(ReferencePath("manifest.txt")).Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => parts[1]);

    private static string ReferencePath(string file) =>
        Path.Combine(Golden.RepositoryRoot, "tests", "Hearth.Engine.Tests", "Models", "References", file);
}
