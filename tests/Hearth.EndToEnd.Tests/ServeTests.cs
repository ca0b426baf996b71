using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>hearth serve</c> as a service manager sees it.</summary>
public sealed class ServeTests
{
    [Fact]
    public async Task AddressInUse_IsOneLine()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();

        (int code, string output, string error) = await HearthProcess.RunAsync(["serve", "--listen", $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}"]);

        Assert.Equal((1, string.Empty), (code, output));
        Assert.Matches(@"^hearth: Cannot listen on 127\.0\.0\.1:\d+: .+\. Choose another address with --listen\.\r?\n$", error);
    }

    [Fact]
    public async Task Terminate_BreaksAStreamOff()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        using Process server = HearthProcess.Start("serve", "--listen", "127.0.0.1:0", "-c", "200000");
        string line = (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!;
        using HttpClient client = new() { BaseAddress = new Uri(line["Listening on ".Length..]) };
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions")
        {
            Content = JsonContent.Create(new { prompt = "Hearth", stream = true, ignore_eos = true }),
        };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Task<string> stream = response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        using Process kill = Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)]);
        await server.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(25), TestContext.Current.CancellationToken);

        Assert.Equal(0, server.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => stream);
    }
}
