using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Tests;

namespace Hearth.Server.Tests.Hosting;

public sealed class ModelHostTests(MixedServer server) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Dispose_EndsWhatIsBeingEmbedded()
    {
        ModelHost host = new();
        host.Register("tiny", server.EmbedderPath, new ServedModelOptions { Load = new LanguageModelOptions { Threads = 1 } });
        using ModelLease<EmbeddingModel> lease = await host.AcquireEmbeddingAsync("tiny", cancellationToken: TestContext.Current.CancellationToken);
        EmbeddingModel model = lease.Model;
        int[][] inputs = [.. Enumerable.Repeat(Enumerable.Repeat(5, TinyBert.ContextLength).ToArray(), 100_000)];
        Task<IReadOnlyList<float[]>>[] running = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => model.EmbedAsync(inputs)))];
        await model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken);

        host.Dispose();

        foreach (Task<IReadOnlyList<float[]>> task in running)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.AcquireEmbeddingAsync("tiny", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void NameThatIsTaken_IsRefused()
    {
        using ModelHost host = new();
        host.Register("tiny", server.EmbedderPath);

        ArgumentException exception = Assert.Throws<ArgumentException>(() => host.Register("tiny", server.RerankerPath));

        Assert.Contains("tiny", exception.Message, StringComparison.Ordinal);
        Assert.Equal((true, false), (Assert.Single(host.Models).IsEmbedder, host.Models[0].IsRanker));
    }

    [Fact]
    public void Register_RefusesWhatCannotBeLoadedAndLoadsNothing()
    {
        using ModelHost host = new();
        string broken = Path.Combine(_folder.FullName, "broken.gguf");
        File.WriteAllText(broken, "no model at all");

        Assert.Equal(GgufErrorKind.FileNotFound, Assert.Throws<GgufException>(() => host.Register("a", broken + ".missing")).Kind);
        Assert.Equal(GgufErrorKind.NotGguf, Assert.Throws<GgufException>(() => host.Register("a", broken)).Kind);
        Assert.Empty(host.Models);
        host.Register("tiny", server.EmbedderPath);
        Assert.Equal(0, host.UsedBytes);
    }

    [Fact]
    public async Task FileThatBrokeSince_IsRefusedAndNothingGoesForIt()
    {
        ModelHostOptions options = new() { MaxModels = 1 };
        using ModelHost host = new(options);
        string path = Path.Combine(_folder.FullName, "model.gguf");
        File.Copy(server.EmbedderPath, path);
        host.Register("stays", server.EmbedderPath);
        host.Register("breaks", path);
        await host.PreloadAsync("stays", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path, "no model any more", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<GgufException>(() => host.AcquireEmbeddingAsync("breaks", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(InstanceState.Loaded, Assert.Single(host.StatusOf(host.Find("stays"))).State);
    }

    [Fact]
    public async Task EmbeddingBesideLanguage_CountsTheWeightsOnce()
    {
        using ModelHost host = new();
        ServedModel served = host.Register(BuiltInModels.Guide, BuiltInModels.Resolve(BuiltInModels.Guide));

        using ModelLease<LanguageModel> language = await host.AcquireLanguageAsync(null, cancellationToken: TestContext.Current.CancellationToken);
        long alone = host.UsedBytes;
        using ModelLease<EmbeddingModel> embedding = await host.AcquireEmbeddingAsync(null, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(served.Estimate.Total, alone);
        Assert.Equal(alone + served.Header.EstimateEmbedding(served.Options.Load).Own, host.UsedBytes);
        Assert.Single(await embedding.Model.EmbedAsync([[1, 2, 3]], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Unload_FreesAndTheNextRequestLoadsAgain()
    {
        using ModelHost host = new();
        host.Register("tiny", server.EmbedderPath);
        await host.PreloadAsync("tiny", TestContext.Current.CancellationToken);

        Assert.True(await host.UnloadAsync("tiny", TestContext.Current.CancellationToken));

        Assert.False(await host.UnloadAsync("tiny", TestContext.Current.CancellationToken));
        Assert.Equal(0, host.UsedBytes);
        using ModelLease<EmbeddingModel> lease = await host.AcquireEmbeddingAsync("tiny", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(await lease.Model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken));
    }
}
