using System.Runtime.InteropServices;
using System.Text;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>hearth debug embed</c>, as scripts use it.</summary>
public sealed class EmbeddingTests
{
    private static readonly int[] s_tokens = [2, 10, 20, 30, 3];

    [Fact]
    public async Task Poolings_AreOfTheTokensVectors()
    {
        using TemporaryFiles files = new();
        string model = TinyBert.WriteEmbedder(files.Combine("model.gguf"));

        float[] tokens = await EmbedAsync(files, model, "none");
        float[] mean = await EmbedAsync(files, model, "mean");

        Assert.Equal(s_tokens.Length * TinyBert.EmbeddingLength, tokens.Length);
        Assert.Equal(tokens[..TinyBert.EmbeddingLength], await EmbedAsync(files, model, "cls"));
        Assert.Equal(tokens[^TinyBert.EmbeddingLength..], await EmbedAsync(files, model, "last"));
        Assert.Equal(mean, await EmbedAsync(files, model, null));
        Assert.All(Enumerable.Range(0, TinyBert.EmbeddingLength), i =>
            Assert.Equal(Enumerable.Range(0, s_tokens.Length).Average(row => tokens[(row * TinyBert.EmbeddingLength) + i]), mean[i], 1e-5f));
    }

    [Fact]
    public async Task Rank_NeedsAClassifier()
    {
        using TemporaryFiles files = new();
        string embedder = TinyBert.WriteEmbedder(files.Combine("embedder.gguf"));
        string reranker = TinyBert.WriteReranker(files.Combine("reranker.gguf"));

        (int code, _, string error) = await RunAsync(files, embedder, "rank");

        Assert.Equal(1, code);
        Assert.Matches(@"^hearth: This 'bert' model has no classifier, .+\r?\n$", error);
        Assert.Single(await EmbedAsync(files, reranker, "rank"));
        Assert.Single(await EmbedAsync(files, reranker, null));
    }

    [Fact]
    public async Task UnknownPooling_IsAUsageError()
    {
        using TemporaryFiles files = new();

        (int code, _, string error) = await RunAsync(files, TinyBert.WriteEmbedder(files.Combine("model.gguf")), "max");

        Assert.Equal(2, code);
        Assert.Contains("'mean'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InputThatIsTooLong_IsAFailureWithTheNumbers()
    {
        using TemporaryFiles files = new();
        string ids = files.Write("ids.txt", Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Repeat(5, TinyBert.ContextLength + 1))));

        (int code, _, string error) = await HearthProcess.RunAsync(
            ["debug", "embed", TinyBert.WriteEmbedder(files.Combine("model.gguf")), "--ids", ids, "--out", files.Combine("out.f32")]);

        Assert.Equal(1, code);
        Assert.Contains($"{TinyBert.ContextLength + 1} tokens", error, StringComparison.Ordinal);
        Assert.False(File.Exists(files.Combine("out.f32")));
    }

    private static async Task<float[]> EmbedAsync(TemporaryFiles files, string model, string? pooling)
    {
        (int code, string output, string error) = await RunAsync(files, model, pooling);
        Assert.Equal((0, string.Empty, string.Empty), (code, output, error));
        byte[] bytes = await File.ReadAllBytesAsync(files.Combine("out.f32"), TestContext.Current.CancellationToken);
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(TemporaryFiles files, string model, string? pooling)
    {
        string ids = files.Write("ids.txt", Encoding.UTF8.GetBytes(string.Join(' ', s_tokens)));
        string[] option = pooling is null ? [] : ["--pooling", pooling];
        return await HearthProcess.RunAsync(["debug", "embed", model, "--ids", ids, "--out", files.Combine("out.f32"), .. option]);
    }
}
