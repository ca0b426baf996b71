using Hearth.Engine.Embedding;
using Hearth.Engine.Scheduling;
using Hearth.Tests;

namespace Hearth.Server.Tests;

public sealed class ModelHostTests(MixedServer server)
{
    [Fact]
    public async Task Dispose_EndsWhatIsBeingEmbedded()
    {
        ModelHost host = new();
        ServedModel served = host.Load("tiny", server.EmbedderPath, new LanguageModelOptions { Threads = 1 });
        EmbeddingModel model = await served.GetEmbeddingAsync(TestContext.Current.CancellationToken);
        int[][] inputs = [.. Enumerable.Repeat(Enumerable.Repeat(5, TinyBert.ContextLength).ToArray(), 100_000)];
        Task<IReadOnlyList<float[]>>[] running = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => model.EmbedAsync(inputs)))];
        await model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken);

        host.Dispose();

        foreach (Task<IReadOnlyList<float[]>> task in running)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.EmbedAsync([[5]], cancellationToken: TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => served.GetEmbeddingAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void NameThatIsTaken_IsRefused()
    {
        using ModelHost host = new();
        host.Load("tiny", server.EmbedderPath);

        ArgumentException exception = Assert.Throws<ArgumentException>(() => host.Load("tiny", server.RerankerPath));

        Assert.Contains("tiny", exception.Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(host.Models).IsEmbedder);
    }
}
