using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Cli.Tests;

/// <summary>A server on a free port that answers as a test says, and counts what it is asked.</summary>
internal sealed class FakeWebServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _requests;

    private FakeWebServer(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.Run(context =>
        {
            Interlocked.Increment(ref _requests);
            return answer(context);
        });
    }

    public int Requests => _requests;

    public string Url => _application.Urls.First();

    public static async Task<FakeWebServer> StartAsync(RequestDelegate answer)
    {
        FakeWebServer server = new(answer);
        await server._application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public static Task<FakeWebServer> StartAsync(int status, string answer) => StartAsync(context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(answer);
    });

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
