using System.Text;
using Hearth.Engine.Scheduling;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.Access;

/// <summary>What clients are cut off for that send or read too slowly, or too much.</summary>
public sealed class ConnectionLimitsTests : IAsyncDisposable
{
    private const string Health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelHost _host = new();
    private WebApplication? _app;

    private string SocketPath => Path.Combine(_folder.FullName, "s");

    private int Port => new Uri(_app!.Urls.First()).Port;

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task HeadersThatDoNotCome_EndTheConnection()
    {
        await StartAsync(new ConnectionLimits { HeadersTimeout = TimeSpan.FromSeconds(1) });
        using RawConnection connection = await RawConnection.OpenAsync(null, Port);

        await connection.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");

        Assert.StartsWith("HTTP/1.1 408 ", await connection.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionWithoutARequest_IsClosed()
    {
        await StartAsync(new ConnectionLimits { KeepAliveTimeout = TimeSpan.FromSeconds(1) });
        using RawConnection silent = await RawConnection.OpenAsync(null, Port);
        using RawConnection kept = await RawConnection.OpenAsync(null, Port);

        await kept.SendAsync(Health);

        Assert.StartsWith("HTTP/1.1 200 ", await kept.ReadAsync(), StringComparison.Ordinal);
        Assert.Empty(await silent.ReadAsync());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(200_000)]
    public async Task BodyThatDoesNotCome_IsAnErrorOfTheApi(int sent)
    {
        await StartAsync(new ConnectionLimits { SlownessTimeout = TimeSpan.FromSeconds(1.5) });
        using RawConnection connection = await RawConnection.OpenAsync(null, Port);

        await connection.SendAsync($"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{new string(' ', sent)}");
        string answer = await connection.ReadAsync();

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"request_timeout\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/completions", """{"model":"guide","prompt":"Hearth","stream":true,"ignore_eos":true,"n":8,"logprobs":5,"max_tokens":2000}""")]
    [InlineData("/api/generate", """{"model":"guide","prompt":"Hearth","raw":true,"logprobs":true,"top_logprobs":20,"options":{"num_predict":-1,"ignore_eos":true}}""")]
    public async Task StreamThatNobodyReads_EndsAndLeavesTheEngine(string path, string body)
    {
        ServedModel guide = _host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide));
        await StartAsync(new ConnectionLimits { SlownessTimeout = TimeSpan.FromSeconds(1.5) }, $"unix:{SocketPath}");
        using RawConnection silent = await RawConnection.OpenAsync(SocketPath);
        await silent.SendAsync("GET /logs?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await silent.ReadAsync(text => text.Contains("\r\n\r\n", StringComparison.Ordinal));

        using RawConnection connection = await RawConnection.OpenAsync(SocketPath);
        await connection.SendAsync($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        string begin = await connection.ReadAsync(text => text.Contains("text\"", StringComparison.Ordinal) || text.Contains("response\"", StringComparison.Ordinal));

        // It is not read any more. The line of the log says that the request is over.
        string log = await silent.ReadAsync(text => text.Contains($"POST {path} ", StringComparison.Ordinal));
        await UntilAsync(() => _host.StatusOf(guide).All(status => status is { Leases: 0, Value: LanguageModel { Statistics: { Running: 0, Waiting: 0 } } }));

        Assert.StartsWith("HTTP/1.1 200 ", begin, StringComparison.Ordinal);
        Assert.Contains($"POST {path} 200", log, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n0\r\n\r\n", await connection.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(1, Sum("hearth_requests_total", "cancelled"));
        Assert.Equal(0, Sum("hearth_requests_total", "ok"));
    }

    [Theory]
    [InlineData(10_000, 1, "HTTP/1.1 431 ")]
    [InlineData(1, 64 * 1024, "HTTP/1.1 431 ")]
    [InlineData(90, 10, "HTTP/1.1 200 ")]
    public async Task HeadersBeyondTheLimits_AreRefused(int count, int length, string expected)
    {
        await StartAsync(new ConnectionLimits());
        using RawConnection connection = await RawConnection.OpenAsync(null, Port);
        string headers = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('a', length)}\r\n"));

        await connection.SendUnlessClosedAsync($"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");

        Assert.StartsWith(expected, await connection.ReadAsync(text => text.Contains("\r\n\r\n", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LineBeyondTheLimit_IsRefused()
    {
        await StartAsync(new ConnectionLimits());
        using RawConnection connection = await RawConnection.OpenAsync(null, Port);

        await connection.SendUnlessClosedAsync($"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 414 ", await connection.ReadAsync(text => text.Contains("\r\n\r\n", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionsBeyondTheLimit_AreClosed_AndThoseThatAreGoOn()
    {
        await StartAsync(new ConnectionLimits { MaxConnections = 2 });
        using RawConnection first = await RawConnection.OpenAsync(null, Port);
        using RawConnection second = await RawConnection.OpenAsync(null, Port);
        Assert.True(await AnswersAsync(first));
        Assert.True(await AnswersAsync(second));

        using (RawConnection third = await RawConnection.OpenAsync(null, Port))
        {
            Assert.False(await AnswersAsync(third));
        }

        Assert.True(await AnswersAsync(first));
        second.Dispose();
        await UntilAsync(async () =>
        {
            using RawConnection next = await RawConnection.OpenAsync(null, Port);
            return await AnswersAsync(next);
        });
        Assert.True(await AnswersAsync(first));
    }

    private static async Task<bool> AnswersAsync(RawConnection connection)
    {
        await connection.SendUnlessClosedAsync(Health);
        return (await connection.ReadAsync(text => text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal))).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
    }

    private static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        while (!await isSo())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private double Sum(string name, string outcome) =>
        _host.Metrics.Families.Single(family => family.Name == name).Read().Where(sample => sample.Labels.Values.Contains(outcome)).Sum(sample => sample.Value);

    private async Task StartAsync(ConnectionLimits limits, string listen = "127.0.0.1:0")
    {
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse(listen)], Connections = limits });
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }
}
