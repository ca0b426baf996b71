using Hearth.Engine.Scheduling;
using Hearth.Server;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Store;
using Microsoft.AspNetCore.Builder;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>A server with a page, in this process, on a free port.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly ModelHost _host;
    private readonly WebApplication _app;

    private PageServer(ModelHost host, WebApplication app)
    {
        _host = host;
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public string Url => _app.Urls.First();

    public HttpClient Client { get; }

    /// <summary>Starts one that serves the built-in model, and others.</summary>
    /// <param name="models">Files of further models.</param>
    /// <param name="store">The store to use; null for none.</param>
    /// <param name="key">The API key that it wants; null for none.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="context">Tokens of context of the built-in model; null for its own.</param>
    /// <param name="keys">API keys that it wants; null for none.</param>
    /// <param name="tls">Its certificate, which browsers do not know; null for none.</param>
    public static async Task<PageServer> StartAsync(IReadOnlyList<string>? models = null, ModelStore? store = null, string? key = null, int port = 0, int? context = null, ApiKeyStore? keys = null, TlsOptions? tls = null)
    {
        ModelHost host = new(new ModelHostOptions { Store = store });
        foreach (string path in models ?? [])
        {
            host.Register(BuiltInModels.NameOf(path), path);
        }

        host.Register(BuiltInModels.Guide, BuiltInModels.Resolve(BuiltInModels.Guide), new ServedModelOptions { Load = new LanguageModelOptions { ContextLength = context } });
        WebApplication app = HearthServer.Create(host, new HearthServerOptions
        {
            Listen = [ListenAddress.Parse($"127.0.0.1:{port}")],
            Access = new AccessOptions { Key = key, Keys = keys },
            Tls = tls,
            ShutdownTimeout = TimeSpan.Zero,
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new PageServer(host, app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await HearthServer.StopAsync(_app);
        await _app.DisposeAsync();
        _host.Dispose();
    }
}
