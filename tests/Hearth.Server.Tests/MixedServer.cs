using Hearth.Engine.Embedding;
using Hearth.Server.Tests;
using Hearth.Tests;

[assembly: AssemblyFixture(typeof(MixedServer))]

namespace Hearth.Server.Tests;

/// <summary>A server with a chat model, an embedding model and a reranker at one address.</summary>
public sealed class MixedServer : TestServer
{
    public const string Embedder = "embedder";
    public const string Reranker = "reranker";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public string EmbedderPath => Path.Combine(_folder.FullName, Embedder + ".gguf");

    public string RerankerPath => Path.Combine(_folder.FullName, Reranker + ".gguf");

    public Task<EmbeddingModel> ModelAsync(string name) => Host.Find(name).GetEmbeddingAsync(TestContext.Current.CancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    protected override void AddModels(ModelHost host)
    {
        host.Load(BuiltInModels.Guide, BuiltInModels.Resolve(BuiltInModels.Guide));
        host.Load(Embedder, TinyBert.WriteEmbedder(EmbedderPath));
        host.Load(Reranker, TinyBert.WriteReranker(RerankerPath));
    }
}
