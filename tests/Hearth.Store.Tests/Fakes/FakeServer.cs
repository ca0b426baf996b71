using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hearth.Store.Tests.Fakes;

/// <summary>A request that a fake server has got.</summary>
internal sealed record SeenRequest(string Method, string Path, string Query, string? Range, string? Authorization)
{
    public override string ToString() => $"{Method} {Path}{Query}";
}

/// <summary>A server on a free port of this machine that answers as a test says.</summary>
internal class FakeServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private long _sent;

    protected FakeServer(X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            });
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _application = builder.Build();
        _application.Run(HandleAsync);
    }

    public int Port { get; private set; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Its name as a registry.</summary>
    public string Host => $"127.0.0.1:{Port}";

    /// <summary>All requests, in order.</summary>
    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    /// <summary>Bytes of bodies that were sent.</summary>
    public long SentBytes => Interlocked.Read(ref _sent);

    /// <summary>Answers instead of the server; false for not.</summary>
    public Func<HttpContext, Task<bool>> Intercept { get; set; } = _ => Task.FromResult(false);

    public static async Task<FakeServer> StartAsync(Func<HttpContext, Task> answer)
    {
        FakeServer server = new()
        {
            Intercept = async context =>
            {
                await answer(context);
                return true;
            },
        };
        await server.ListenAsync();
        return server;
    }

    public int Count(string method, string pathPart) => Requests.Count(request => request.Method == method && request.Path.Contains(pathPart, StringComparison.Ordinal));

    /// <summary>Sends bytes and counts them.</summary>
    public async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        Interlocked.Add(ref _sent, bytes.Length);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task ListenAsync()
    {
        await _application.StartAsync();
        Port = new Uri(_application.Urls.First()).Port;
    }

    protected virtual Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private async Task HandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        Requests.Enqueue(new SeenRequest(request.Method, request.Path.Value ?? string.Empty, request.QueryString.Value ?? string.Empty, request.Headers.Range, request.Headers.Authorization));
        if (!await Intercept(context))
        {
            await AnswerAsync(context);
        }
    }
}
