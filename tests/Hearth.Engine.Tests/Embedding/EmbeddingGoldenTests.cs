using Hearth.Engine.Embedding;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Embedding;

/// <summary>Embeddings against those of llama.cpp.</summary>
public sealed class EmbeddingGoldenTests
{
    [Theory]
    [InlineData("bert")]
    [InlineData("nomic-bert")]
    public async Task Embedding_MatchesTheReference(string name)
    {
        using EmbeddingModel model = EmbeddingModel.Load(Golden.Path("embeddings", name + ".gguf"));
        int[] tokens = [.. Enumerable.Range(0, 24).Select(i => ((i * 37) + 11) % model.Config.VocabularySize)];

        IReadOnlyList<float[]> vectors = await model.EmbedAsync([tokens], PoolingKind.Mean, cancellationToken: TestContext.Current.CancellationToken);

        double error = Golden.NormalizedMeanSquaredError(vectors[0], Golden.Floats("embeddings", name + ".mean.f32"));
        Assert.True(error <= 1e-5, $"NMSE {error:E2}");
    }

    [Fact]
    public async Task Embedding_IsTheSameBesideOthers()
    {
        using EmbeddingModel model = EmbeddingModel.Load(Golden.Path("embeddings", "nomic-bert.gguf"));
        int[][] inputs = [.. Enumerable.Range(1, 70).Select(length => Enumerable.Range(0, length).Select(i => (i * 37 * length) % model.Config.VocabularySize).ToArray())];

        IReadOnlyList<float[]> together = await model.EmbedAsync(inputs, cancellationToken: TestContext.Current.CancellationToken);

        foreach (int index in (int[])[0, 1, 17, 69])
        {
            IReadOnlyList<float[]> alone = await model.EmbedAsync([inputs[index]], cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(alone[0], together[index]);
        }
    }
}
