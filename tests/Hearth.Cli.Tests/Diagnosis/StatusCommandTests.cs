using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Hearth.Store.Storage;
using Microsoft.AspNetCore.Http;

namespace Hearth.Cli.Tests.Diagnosis;

public sealed class StatusCommandTests : IDisposable
{
    private const string Status = """{"version":"VERSION","memory_bytes":1000,"used_bytes":100,"waiting":0,"max_waiting":512,"models":[],"failed_loads":[]}""";
    private static readonly string s_version = typeof(ExitCode).Assembly.GetName().Version!.ToString(3);
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task AServerThatIsWell_HasNothingToTell()
    {
        await using FakeWebServer server = await StartAsync(Status);

        Dictionary<string, (string State, string Detail, string? Advice)> findings = await FindAsync(ExitCode.Success, server.Url);
        (int code, string output, string error) = await _cli.RunAsync("status", "--host", server.Url);

        Assert.All(["server", "version", "memory", "settings", "models"], name => Assert.Equal("ok", findings[name].State));
        Assert.Equal((ExitCode.Success, string.Empty), (code, error));
        Assert.StartsWith($"Hearth is running at {server.Url}; 0 models are loaded. 'hearth logs' prints its log.\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, """{"error":{"message":"no","code":"invalid_api_key"}}""", null, "Set HEARTH_API_KEY to a key of that server; 'hearth keys create NAME'")]
    [InlineData(401, """{"error":{"message":"no","code":"invalid_api_key"}}""", "wrong", "Set HEARTH_API_KEY to another key")]
    [InlineData(403, """{"error":{"message":"no","code":"any"}}""", "small", "Set HEARTH_API_KEY to a key that may do this")]
    [InlineData(403, """{"error":{"message":"Allow the name with --allow-host.","code":"host_not_allowed"}}""", null, "--host 127.0.0.1")]
    [InlineData(503, """{"error":{"message":"The server is stopping.","code":"server_stopping"}}""", null, "start it again then")]
    [InlineData(200, "<html>", null, "is not Hearth")]
    [InlineData(200, "{}", null, "is not Hearth")]
    [InlineData(404, "not here", null, "is not Hearth but other/1.0: it answers 404")]
    [InlineData(500, """{"error":{"message":"broken","code":null}}""", null, "answers 500: broken")]
    public async Task AServerThatRefuses_SaysWhatToDo(int status, string body, string? key, string expected)
    {
        await using FakeWebServer server = await FakeWebServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Server = "other/1.0";
            return context.Response.WriteAsync(body);
        });
        _cli.With(key is null ? "NONE=" : $"HEARTH_API_KEY={key}");

        (int code, string output, string error) = await _cli.RunAsync("status", "--host", server.Url);
        (string state, string detail, string? advice) = (await FindAsync(ExitCode.Failure, server.Url))["server"];

        Assert.Equal((ExitCode.Failure, "failed"), (code, state));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains(expected, $"{detail} {advice}", StringComparison.Ordinal);
        Assert.DoesNotContain("running", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyThere_SaysHowToStart()
    {
        (string state, string detail, string? advice) = (await FindAsync(ExitCode.Failure, $"127.0.0.1:{FreePort()}"))["server"];

        Assert.Equal("failed", state);
        Assert.StartsWith("No server answers at", detail, StringComparison.Ordinal);
        Assert.Contains("hearth serve", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerWithoutTls_IsAskedForIt()
    {
        await using FakeWebServer server = await StartAsync(Status);

        (string state, string detail, string? advice) = (await FindAsync(ExitCode.Failure, server.Url.Replace("http:", "https:", StringComparison.Ordinal)))["server"];

        Assert.Equal("failed", state);
        Assert.StartsWith("No TLS with", detail, StringComparison.Ordinal);
        Assert.Contains("http://", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatDoesNotSpeakHttp_IsNotHearth()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync(listener);

        (string state, string detail, string? advice) = (await FindAsync(ExitCode.Failure, $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"))["server"];

        await answering;
        Assert.Equal("failed", state);
        Assert.Contains("is not Hearth", detail, StringComparison.Ordinal);
        Assert.Contains("--listen", advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"used_bytes\":100", "\"used_bytes\":990", "memory", "990 B of 1.0 kB", "hearth stop")]
    [InlineData("VERSION", "0.0.1", "version", "the server is 0.0.1", "Start the server again")]
    [InlineData("\"models\":[]", "\"models\":[{\"model\":\"small\",\"running\":2,\"waiting\":3,\"max_waiting\":3}]", "queue", "3 of 3 requests that may wait for 'small' do", "--max-queue")]
    [InlineData("\"waiting\":0", "\"waiting\":512", "queue", "512 of 512 requests", "--max-models")]
    [InlineData("\"failed_loads\":[]", "\"failed_loads\":[{\"model\":\"big\",\"message\":\"It is cut.\",\"at\":\"2026-01-02T03:04:05Z\"}]", "load", "'big' could not be loaded at 2026-01-02 03:04:05Z: It is cut.", "hearth logs")]
    [InlineData("\"models\":[],", "", "version", "does not tell its status", "start it again")]
    public async Task WhatTheServerTells_IsExplained(string replaced, string by, string name, string detail, string advice)
    {
        await using FakeWebServer server = await StartAsync(Status.Replace(replaced, by, StringComparison.Ordinal));

        (string state, string found, string? told) = (await FindAsync(ExitCode.Success, server.Url))[name];

        Assert.Equal("warning", state);
        Assert.Contains(detail, found, StringComparison.Ordinal);
        Assert.Contains(advice, told, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^warning  {name} +", await _cli.OutputOfAsync("status", "--host", server.Url));
    }

    [Fact]
    public async Task SettingsThatCannotBeRead_Fail()
    {
        await using FakeWebServer server = await StartAsync(Status);
        _cli.Write("settings.json", "not JSON");

        (int code, string output, _) = await _cli.RunAsync("status", "--host", server.Url);

        Assert.Equal(ExitCode.Failure, code);
        Assert.Matches(@"(?m)^failed +settings +.*settings\.json.*\n +\S", output);
    }

    [Fact]
    public async Task AModelWhoseFilesAreGone_IsBroken()
    {
        await using FakeWebServer server = await StartAsync(Status);
        StoredModel model = await _cli.AddAsync("team/model:v1");
        File.Delete(_cli.Store.Open(model).Weights[0]);

        (string state, string detail, string? advice) = (await FindAsync(ExitCode.Success, server.Url))["models"];

        Assert.Equal("warning", state);
        Assert.Contains("'team/model:v1' is broken", detail, StringComparison.Ordinal);
        Assert.Contains("hearth verify --repair", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APullThatWasBrokenOff_IsTold()
    {
        await using FakeWebServer server = await StartAsync(Status);
        await _cli.AddAsync("team/model:v1");
        string partial = Directory.CreateDirectory(Path.Combine(_cli.Store.Folder, "partial", "sha256")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(partial, new string('a', 64)), new byte[2000], TestContext.Current.CancellationToken);

        (string state, string detail, string? advice) = (await FindAsync(ExitCode.Success, server.Url))["pulls"];

        Assert.Equal(("warning", "2.0 kB of pulls that have not come to their end"), (state, detail));
        Assert.Contains("hearth prune", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyThatMayNotSeeTheStatus_IsNoFailure()
    {
        await using FakeWebServer server = await FakeWebServer.StartAsync(context =>
        {
            bool isStatus = context.Request.Path == "/status";
            context.Response.StatusCode = isStatus ? 403 : 200;
            return context.Response.WriteAsync(isStatus ? """{"error":{"message":"no","code":"insufficient_scope"}}""" : "[]");
        });

        (string state, string detail, string? advice) = (await FindAsync(ExitCode.Success, server.Url))["key"];

        Assert.Equal(("warning", "the key in use may not see the server's own status"), (state, detail));
        Assert.Contains("HEARTH_API_KEY", advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, """{"status":"ready"}""", ExitCode.Success)]
    [InlineData(503, """{"error":{"message":"The server is stopping.","code":"server_stopping"}}""", ExitCode.Failure)]
    public async Task Health_IsAskedWithoutAKey(int status, string body, int expected)
    {
        await using FakeWebServer server = await FakeWebServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/health/ready" ? status : 401;
            return context.Response.WriteAsync(body);
        });

        (int code, _, _) = await _cli.RunAsync("status", "--health", "--host", server.Url);

        Assert.Equal(expected, code);
    }

    private static Task<FakeWebServer> StartAsync(string status) => FakeWebServer.StartAsync(context =>
        context.Response.WriteAsync(context.Request.Path == "/status" ? status.Replace("VERSION", s_version, StringComparison.Ordinal) : "[]"));

    private static async Task AnswerAsync(TcpListener listener)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        byte[] request = new byte[1024];
        _ = await client.GetStream().ReadAsync(request, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("SSH-2.0-other\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<Dictionary<string, (string State, string Detail, string? Advice)>> FindAsync(int expected, string host)
    {
        (int code, string output, string error) = await _cli.RunAsync("status", "--json", "--host", host);
        Assert.Equal((expected, string.Empty), (code, error));
        using JsonDocument document = JsonDocument.Parse(output);
        return document.RootElement.GetProperty("findings").EnumerateArray().ToDictionary(
            finding => finding.GetProperty("name").GetString()!,
            finding => (finding.GetProperty("state").GetString()!, finding.GetProperty("detail").GetString()!, finding.GetProperty("advice").GetString()));
    }
}
