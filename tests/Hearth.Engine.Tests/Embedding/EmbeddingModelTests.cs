using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Embedding;

public sealed class EmbeddingModelTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Order_Matters()
    {
        foreach (string name in (string[])["bert", "nomic-bert"])
        {
            using EmbeddingModel model = EmbeddingModel.Load(Golden.Path("embeddings", name + ".gguf"));
            int[] tokens = [.. Enumerable.Range(0, 24).Select(i => ((i * 37) + 11) % model.Config.VocabularySize)];

            IReadOnlyList<float[]> vectors = await model.EmbedAsync([tokens, [.. tokens.Reverse()]], PoolingKind.Mean, cancellationToken: TestContext.Current.CancellationToken);

            Assert.True(Golden.NormalizedMeanSquaredError(vectors[1], vectors[0]) > 1e-3, $"{name} does not see its tokens' order.");
        }
    }

    [Fact]
    public async Task InputOfTheContextsLength_IsTheLongest()
    {
        using EmbeddingModel model = Embedder();
        int[] longest = [.. Enumerable.Range(0, TinyBert.ContextLength).Select(i => i % model.Config.VocabularySize)];

        IReadOnlyList<float[]> fits = await model.EmbedAsync([longest], cancellationToken: TestContext.Current.CancellationToken);
        EmbeddingException refused = await Assert.ThrowsAsync<EmbeddingException>(
            () => model.EmbedAsync([[5], [.. longest, 7]], cancellationToken: TestContext.Current.CancellationToken));
        IReadOnlyList<float[]> cut = await model.EmbedAsync([[.. longest, 7]], truncate: true, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((EmbeddingErrorKind.InputTooLong, 1, TinyBert.ContextLength + 1), (refused.Kind, refused.Input, refused.Tokens));
        Assert.Equal(fits[0], cut[0]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(85)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public async Task HostileTokens_AreRefused(int token)
    {
        using EmbeddingModel model = Embedder();
        Assert.Equal(85, model.Config.VocabularySize);

        EmbeddingException exception = await Assert.ThrowsAsync<EmbeddingException>(
            () => model.EmbedAsync([[5], [5, token]], cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((EmbeddingErrorKind.UnknownToken, 1), (exception.Kind, exception.Input));
        Assert.Single(await model.EmbedAsync([[84]], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task NothingToEmbed_IsRefused()
    {
        using EmbeddingModel model = Embedder();

        EmbeddingException empty = await Assert.ThrowsAsync<EmbeddingException>(() => model.EmbedAsync([[5], []], cancellationToken: TestContext.Current.CancellationToken));
        EmbeddingException rank = await Assert.ThrowsAsync<EmbeddingException>(
            () => model.EmbedAsync([[5]], PoolingKind.Rank, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((EmbeddingErrorKind.EmptyInput, EmbeddingErrorKind.CannotRank), (empty.Kind, rank.Kind));
        Assert.Empty(await model.EmbedAsync([], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Text_IsClosedEvenWhenItIsCut()
    {
        using EmbeddingModel model = Embedder();

        IReadOnlyList<int> whole = model.Encode("a [SEP] b");
        IReadOnlyList<int> cut = model.Encode(string.Concat(Enumerable.Repeat("word ", 40)), truncate: true);

        Assert.Equal(1, whole.Count(token => token == TinyBert.Separator));
        Assert.Equal((TinyBert.ContextLength, TinyBert.Separator), (cut.Count, cut[^1]));
        Assert.DoesNotContain(TinyBert.Separator, cut.SkipLast(1));
    }

    [Fact]
    public void Pair_IsJoinedAsTheVocabularySays()
    {
        using EmbeddingModel model = Reranker(null);

        IReadOnlyList<int> pair = model.EncodePair("a b", "c [SEP]");

        Assert.Equal([2, Token("\u2581a"), Token("\u2581b"), TinyBert.Separator, Token("\u2581c")], pair.Take(5));
        Assert.Equal(1, pair.Count(token => token == TinyBert.Separator));
        IReadOnlyList<int> cut = model.EncodePair("a b", string.Concat(Enumerable.Repeat("c ", 100)), truncate: true);
        Assert.Equal(TinyBert.ContextLength, cut.Count);
        Assert.Equal(pair.Take(5), cut.Take(5));
        Assert.Throws<EmbeddingException>(() => model.EncodePair(string.Concat(Enumerable.Repeat("c ", 100)), "a", truncate: true));
    }

    [Fact]
    public void PairTemplate_ControlsTheMarkersAndTextsCannot()
    {
        using EmbeddingModel model = Reranker("[CLS] {query} [SEP] {document} [SEP]");

        IReadOnlyList<int> pair = model.EncodePair("a {document} [SEP]", "b {query}");

        Assert.Equal((2, 2), (pair.Count(token => token == TinyBert.Separator), pair[0]));
        Assert.Equal(1, pair.Count(token => token == Token("\u2581b")));
        IReadOnlyList<int> cut = model.EncodePair("a", string.Concat(Enumerable.Repeat("b ", 100)), truncate: true);
        Assert.Equal((TinyBert.ContextLength, TinyBert.Separator, Token("\u2581b")), (cut.Count, cut[^1], cut[^2]));
    }

    [Fact]
    public async Task Cancellation_LeavesTheModelToTheNext()
    {
        using EmbeddingModel model = Embedder();
        using CancellationTokenSource stop = new();
        int[][] inputs = [.. Enumerable.Repeat(Enumerable.Repeat(5, TinyBert.ContextLength).ToArray(), 100_000)];
        Task<IReadOnlyList<float[]>> running = Task.Run(() => model.EmbedAsync(inputs, cancellationToken: stop.Token));
        await model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Single(await model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Dispose_EndsRunningRequestsAndRefusesLaterOnes()
    {
        EmbeddingModel model = Embedder();
        int[][] inputs = [.. Enumerable.Repeat(Enumerable.Repeat(5, TinyBert.ContextLength).ToArray(), 100_000)];
        Task<IReadOnlyList<float[]>>[] running = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => model.EmbedAsync(inputs)))];
        await model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken);

        Parallel.For(0, 3, _ => model.Dispose());

        foreach (Task<IReadOnlyList<float[]>> task in running)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Kind_IsWhatTheFileIsFor()
    {
        LoadedModel embedder = LoadedModel.Load(TinyBert.WriteEmbedder(Combine("a.gguf")));
        LoadedModel reranker = LoadedModel.Load(TinyBert.WriteReranker(Combine("b.gguf")));
        LoadedModel guide = LoadedModel.Load(Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf"));
        using EmbeddingModel first = embedder.Embedding!;
        using EmbeddingModel second = reranker.Embedding!;
        using LanguageModel third = guide.Language!;

        Assert.Equal((PoolingKind.Mean, false), (first.Pooling, first.CanRank));
        Assert.Equal((PoolingKind.Rank, true), (second.Pooling, second.CanRank));
        Assert.Null(guide.Embedding);
        Assert.Equal(TinyBert.EmbeddingLength, first.VectorLength);
        ModelException exception = Assert.Throws<ModelException>(() => LanguageModel.Load(Combine("a.gguf")));
        Assert.Contains("encoder", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LongTextOfACausalModel_IsTheSameInChunks()
    {
        using EmbeddingModel model = EmbeddingModel.Load(Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf"));
        int[] tokens = [.. Enumerable.Range(0, 700).Select(i => i * 13 % model.Config.VocabularySize)];

        IReadOnlyList<float[]> states = await model.EmbedAsync([tokens], PoolingKind.None, cancellationToken: TestContext.Current.CancellationToken);
        IReadOnlyList<float[]> last = await model.EmbedAsync([tokens], cancellationToken: TestContext.Current.CancellationToken);
        IReadOnlyList<float[]> mean = await model.EmbedAsync([tokens], PoolingKind.Mean, cancellationToken: TestContext.Current.CancellationToken);
        IReadOnlyList<float[]> begin = await model.EmbedAsync([tokens[..100]], PoolingKind.None, cancellationToken: TestContext.Current.CancellationToken);

        int columns = model.VectorLength;
        Assert.Equal(700 * columns, states[0].Length);
        Assert.Equal(states[0][^columns..], last[0]);
        Assert.Equal(begin[0], states[0][..(100 * columns)]);
        Assert.Equal(states[0].Where((_, i) => i % columns == 3).Average(value => (double)value), mean[0][3], 1e-5);
        Assert.True(model.ContextLength <= EmbeddingModel.MaxDefaultContextLength);
    }

    [Fact]
    public void PoolingThatDoesNotExist_IsRefused()
    {
        string path = Combine("wrong.gguf");
        using (GgufFile file = GgufFile.Open(TinyBert.WriteEmbedder(Combine("a.gguf"))))
        {
            byte[] bytes = File.ReadAllBytes(file.Path);
            byte[] key = "bert.pooling_type"u8.ToArray();
            bytes[bytes.AsSpan().IndexOf(key) + key.Length + sizeof(uint)] = 9;
            File.WriteAllBytes(path, bytes);
        }

        ModelException exception = Assert.Throws<ModelException>(() => EmbeddingModel.Load(path));

        Assert.Equal(ModelErrorKind.InvalidMetadata, exception.Kind);
        Assert.Contains("pooling_type", exception.Message, StringComparison.Ordinal);
    }

    private static int Token(string text) => TinyBert.Tokens.ToList().IndexOf(text);

    private string Combine(string name) => Path.Combine(_folder.FullName, name);

    private EmbeddingModel Embedder() => EmbeddingModel.Load(TinyBert.WriteEmbedder(Combine("embedder.gguf")), new LanguageModelOptions { Threads = 1 });

    private EmbeddingModel Reranker(string? template) =>
        EmbeddingModel.Load(TinyBert.WriteReranker(Combine("reranker.gguf"), template), new LanguageModelOptions { Threads = 1 });
}
