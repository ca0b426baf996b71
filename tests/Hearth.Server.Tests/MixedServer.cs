using System.Collections.Concurrent;
using Hearth.Engine.Embedding;
using Hearth.Server.Hosting;
using Hearth.Server.Tests;
using Hearth.Tests;

[assembly: AssemblyFixture(typeof(MixedServer))]

namespace Hearth.Server.Tests;

/// <summary>A server with a chat model, an embedding model and a reranker at one address.</summary>
public sealed class MixedServer : TestServer
{
    public const string Embedder = "embedder";
    public const string Reranker = "reranker";
    private readonly ConcurrentBag<ModelLease<EmbeddingModel>> _leases = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public string EmbedderPath => Path.Combine(_folder.FullName, Embedder + ".gguf");

    public string RerankerPath => Path.Combine(_folder.FullName, Reranker + ".gguf");

    /// <summary>A model that stays loaded for a test.</summary>
    public async Task<EmbeddingModel> ModelAsync(string name)
    {
        ModelLease<EmbeddingModel> lease = name == Reranker
            ? await Host.AcquireRankingAsync(name, cancellationToken: TestContext.Current.CancellationToken)
            : await Host.AcquireEmbeddingAsync(name, cancellationToken: TestContext.Current.CancellationToken);
        _leases.Add(lease);
        return lease.Model;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (ModelLease<EmbeddingModel> lease in _leases)
        {
            lease.Dispose();
        }

        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    protected override void AddModels(ModelHost host)
    {
        host.Register(BuiltInModels.Guide, BuiltInModels.Resolve(BuiltInModels.Guide));
        host.Register(Embedder, TinyBert.WriteEmbedder(EmbedderPath));
        host.Register(Reranker, TinyBert.WriteReranker(RerankerPath));
    }
}
