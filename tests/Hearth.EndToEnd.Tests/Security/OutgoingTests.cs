using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Hearth.EndToEnd.Tests.Ui;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>A server that serves connects to nobody.</summary>
public sealed class OutgoingTests(Chromium chromium) : IDisposable
{
    private const string Question = "What is Hearth?";
    private static readonly Dictionary<string, string> s_none = [];
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task WithoutANetwork_EverythingIsServed()
    {
        await using NetworkNamespace network = await NetworkNamespace.CreateAsync();
        Assert.DoesNotContain("default", await network.RoutesAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("via", await network.RoutesAsync(), StringComparison.Ordinal);
        string home = _files.Combine("home");
        await using ServerProcess server = await ServerProcess.StartByAsync(network.Command, s_none, home, "127.0.0.1:12434", Everything.Models(_files));

        await Everything.AskAsync(server.Client, Question);
        await Everything.RunBatchAsync(server.Client, Question);
        await using Relay relay = new(new UnixDomainSocketEndPoint(Path.Combine(home, "test.sock")));
        await Everything.AskPageAsync(chromium, relay.Url, Question);
    }

    [Fact]
    public async Task Serving_ConnectsToNobody_AndAPullToItsRegistryOnly()
    {
        await ConnectionTrace.SkipUnlessPermittedAsync();
        using TcpListener registry = new(IPAddress.Loopback, 0);
        registry.Start();
        int port = ((IPEndPoint)registry.LocalEndpoint).Port;
        ConnectionTrace trace = new(_files.Combine("trace"));
        await using ServerProcess server = await ServerProcess.StartByAsync(trace.Command, s_none, _files.Combine("home"), "127.0.0.1:0", Everything.Models(_files));

        await Everything.AskAsync(server.Client, Question);
        await Everything.RunBatchAsync(server.Client, Question);
        await Everything.AskPageAsync(chromium, $"http://{server.Host}", Question);
        string[] before = trace.Read();

        // What is watched is seen: this is a connection that was asked for.
        Task<HttpResponseMessage> pull = server.Client.PostAsJsonAsync("/models/create", new { from = $"127.0.0.1:{port}/team/model" }, TestContext.Current.CancellationToken);
        string[] after = await trace.WaitAsync(port);
        registry.Stop();
        using HttpResponseMessage response = await pull;

        Assert.Empty(before);
        Assert.NotEmpty(after);
        Assert.All(after, call => Assert.Contains($"htons({port})", call, StringComparison.Ordinal));
    }
}
