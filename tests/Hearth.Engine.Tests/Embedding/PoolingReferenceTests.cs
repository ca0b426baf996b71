using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Hearth.Engine.Embedding;
using Hearth.Engine.Scheduling;
using Hearth.Kernels.Attention;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Embedding;

/// <summary>
/// Each pooling of <see cref="TinyBert"/>'s reranker against llama.cpp: References/KIND.f32 is its vector for 24 tokens, not normalised.
/// With HEARTH_WRITE_MODELS=folder the model is written there and nothing is compared.
/// </summary>
public sealed class PoolingReferenceTests
{
    /// <summary>The reference engine takes GELU from a table of 16-bit floats.</summary>
    private const double Tolerance = 1e-6;

    private const string ModelHash = "63c3dc387382a0e9b1d18f95cefef8bfec7eb7c4e3e52ed577ad5248e3353f01";

    [Theory]
    [InlineData(PoolingKind.None)]
    [InlineData(PoolingKind.Mean)]
    [InlineData(PoolingKind.Cls)]
    [InlineData(PoolingKind.Last)]
    [InlineData(PoolingKind.Rank)]
    public async Task Vector_MatchesTheReference(PoolingKind kind)
    {
        string? folder = Environment.GetEnvironmentVariable("HEARTH_WRITE_MODELS");
        string path = Path.Combine(folder ?? Path.GetTempPath(), $"tiny-bert-{kind}-{Guid.NewGuid():N}.gguf");
        TinyBert.WriteReranker(path);
        Assert.SkipUnless(folder is null, $"HEARTH_WRITE_MODELS is set: {path} was written, not compared.");
        try
        {
            Assert.Equal(ModelHash, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))));
            using EmbeddingModel model = EmbeddingModel.Load(path, new LanguageModelOptions { CacheType = KvElementType.F32, Threads = 1 });
            int[] tokens = [.. Enumerable.Range(0, 24).Select(i => ((i * 37) + 11) % model.Config.VocabularySize)];

            IReadOnlyList<float[]> vectors = await model.EmbedAsync([tokens], kind, cancellationToken: TestContext.Current.CancellationToken);

            string reference = Path.Combine(
                Golden.RepositoryRoot, "tests", "Hearth.Engine.Tests", "Embedding", "References", $"{kind}.f32");
            float[] expected = MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(reference, TestContext.Current.CancellationToken)).ToArray();
            double error = Golden.NormalizedMeanSquaredError(vectors[0], expected);
            Assert.True(error <= Tolerance, $"NMSE {error:E2}");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
