using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Server.Hosting;
using Hearth.Tests;

namespace Hearth.Server.Tests.Scheduling;

/// <summary>A server of the stories model, with the settings that a test needs.</summary>
internal sealed class StoriesServer : TestServer
{
    private readonly LanguageModelOptions _options;
    private ModelLease<LanguageModel>? _lease;

    private StoriesServer(LanguageModelOptions options) => _options = options;

    public LanguageModel Model => _lease!.Model;

    public static async Task<StoriesServer> StartAsync(int parallel = 16, int maxWaiting = 256, int contextLength = 512)
    {
        StoriesServer server = new(new LanguageModelOptions
        {
            Threads = 2,
            Parallel = parallel,
            MaxWaiting = maxWaiting,
            ContextLength = contextLength,
            Speculation = new SpeculationOptions { PromptLookup = false },
        });
        await server.InitializeAsync();
        server._lease = await server.Host.AcquireLanguageAsync("stories", cancellationToken: TestContext.Current.CancellationToken);
        return server;
    }

    public override async ValueTask DisposeAsync()
    {
        _lease?.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>Waits until nothing runs.</summary>
    public async Task SettledAsync()
    {
        while (Model.Statistics is { Running: > 0 } or { Waiting: > 0 })
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    protected override void AddModels(ModelHost host) =>
        host.Register("stories", Golden.Path("stories", "stories260K.gguf"), new ServedModelOptions { Load = _options });
}
