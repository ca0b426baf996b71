using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Server.Models;
using Hearth.Store;
using Microsoft.AspNetCore.Http;

namespace Hearth.Cli.Tests.Diagnosis;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly TestCli _cli = new();

    public DoctorCommandTests() => _cli.Time.Now = DateTimeOffset.UtcNow;

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Machine_IsLookedAt()
    {
        _cli.With($"HEARTH_LISTEN=127.0.0.1:{FreePort()}");

        Dictionary<string, string> states = await StatesAsync(ExitCode.Success);

        Assert.Equal(["settings", "memory", "instructions", "cores", "space", "store", "limits", "clock", "port"], states.Keys);
        Assert.Equal(("ok", "ok", "ok"), (states["settings"], states["port"], states["clock"]));
        Assert.Empty(Directory.GetFiles(_cli.Combine("."), ".hearth-doctor*"));
    }

    [Fact]
    public async Task ASettingThatIsWrong_Fails()
    {
        (int code, string output, _) = await _cli.With("OLLAMA_KEEP_ALIVE=a while").RunAsync("doctor");

        Assert.Equal(ExitCode.Failure, code);
        Assert.Matches("(?m)^failed +settings +OLLAMA_KEEP_ALIVE: ", output);
    }

    [Fact]
    public async Task AClockBeforeTheProgram_Fails()
    {
        _cli.Time.Now = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal("failed", (await StatesAsync(ExitCode.Failure))["clock"]);
    }

    [Fact]
    public async Task AFolderThatCannotBeWritten_Fails()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere there is no folder that nobody may write to.");
        _cli.Context = _cli.Context with { OpenStore = () => new ModelStore("/proc/hearth", new ModelStoreOptions { ReadGguf = StoreFactory.Read }) };

        Assert.Equal("failed", (await StatesAsync(ExitCode.Failure))["store"]);
    }

    [Theory]
    [InlineData(200, "ok")]
    [InlineData(404, "warning")]
    public async Task APortInUse_IsHearthsOrAnothers(int status, string expected)
    {
        await using FakeWebServer server = await FakeWebServer.StartAsync(status, "{}");
        _cli.With($"HEARTH_LISTEN={new Uri(server.Url).Authority}");

        Assert.Equal(expected, (await StatesAsync(ExitCode.Success))["port"]);
    }

    [Fact]
    public async Task AWholeServer_IsOk()
    {
        await using FakeWebServer server = await FakeWebServer.StartAsync(context => AnswerAsync(context, new HashSet<string>()));

        Dictionary<string, string> states = await StatesAsync(ExitCode.Success, server.Url);

        Assert.All(["reachable", "models", "chat", "usage", "stream", "logprobs", "schema", "tools", "embeddings"], name => Assert.Equal("ok", states[name]));
    }

    [Theory]
    [InlineData("models", "reachable", "failed")]
    [InlineData("chat", "chat", "failed")]
    [InlineData("usage", "usage", "warning")]
    [InlineData("stream", "stream", "failed")]
    [InlineData("logprobs", "logprobs", "warning")]
    [InlineData("schema", "schema", "warning")]
    [InlineData("tools", "tools", "warning")]
    [InlineData("embeddings", "embeddings", "warning")]
    public async Task WhatAServerLacks_IsTold(string missing, string name, string state)
    {
        await using FakeWebServer server = await FakeWebServer.StartAsync(context => AnswerAsync(context, new HashSet<string> { missing }));

        Dictionary<string, string> states = await StatesAsync(state == "failed" ? ExitCode.Failure : ExitCode.Success, $"{server.Url}/v1/");

        Assert.Equal(state, states[name]);
        Assert.DoesNotContain(states, other => other.Key != name && other.Value == "failed");
    }

    [Theory]
    [InlineData(401, "{}", "HEARTH_API_KEY")]
    [InlineData(200, "<html>", "reachable")]
    [InlineData(200, "[]", "data")]
    [InlineData(200, """{"data": []}""", "--model")]
    public async Task WhatIsNoServer_IsTold(int status, string answer, string expected)
    {
        await using FakeWebServer server = await FakeWebServer.StartAsync(status, answer);

        (int code, string output, _) = await _cli.RunAsync("doctor", server.Url);

        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyThere_Fails() => Assert.Equal("failed", (await StatesAsync(ExitCode.Failure, $"127.0.0.1:{FreePort()}"))["reachable"]);

    [Fact]
    public async Task TheKey_IsShown()
    {
        await using FakeWebServer server = await FakeWebServer.StartAsync(context => AnswerAsync(context, new HashSet<string>(), key: "Bearer secret"));

        Assert.Equal("failed", (await StatesAsync(ExitCode.Failure, server.Url))["reachable"]);
        _cli.With("HEARTH_API_KEY=secret");
        Assert.Equal("ok", (await StatesAsync(ExitCode.Success, server.Url))["reachable"]);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<Dictionary<string, string>> StatesAsync(int expected, params string[] arguments)
    {
        (int code, string output, string error) = await _cli.RunAsync(["doctor", "--json", .. arguments]);
        Assert.Equal((expected, string.Empty), (code, error));
        using JsonDocument document = JsonDocument.Parse(output);
        return document.RootElement.EnumerateArray().ToDictionary(finding => finding.GetProperty("name").GetString()!, finding => finding.GetProperty("state").GetString()!);
    }

    private static async Task AnswerAsync(HttpContext context, HashSet<string> missing, string? key = null)
    {
        if (key is not null && context.Request.Headers.Authorization != key)
        {
            context.Response.StatusCode = 401;
            return;
        }

        string path = context.Request.Path;
        if (path == "/v1/models" && !missing.Contains("models"))
        {
            await context.Response.WriteAsync("""{"data": [{"id": "one"}, {"id": "two"}]}""");
            return;
        }

        JsonNode? body = context.Request.Method == "POST" ? await JsonNode.ParseAsync(context.Request.Body) : null;
        string kind = body?["stream"] is not null ? "stream" : body?["logprobs"] is not null ? "logprobs" : body?["tools"] is not null ? "tools" : body?["response_format"] is not null ? "schema" : "chat";
        bool isKnown = (path == "/v1/chat/completions" && !missing.Contains(kind)) || (path == "/v1/embeddings" && !missing.Contains("embeddings"));
        if (!isKnown || body?["model"]?.GetValue<string>() != "one")
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("""{"error": {"message": "no"}}""");
            return;
        }

        string usage = missing.Contains("usage") ? "{}" : """{"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}""";
        await context.Response.WriteAsync(path == "/v1/embeddings" ? """{"data": [{"embedding": [0.5, 0.5]}]}""" : kind switch
        {
            "stream" => "data: {\"choices\": [{\"delta\": {\"content\": \"Hi\"}}]}\n\ndata: {\"choices\": [], \"usage\": {\"total_tokens\": 5}}\n\ndata: [DONE]\n\n",
            "logprobs" => """{"choices": [{"logprobs": {"content": [{"top_logprobs": [{"token": "a"}, {"token": "b"}]}]}}]}""",
            "tools" => """{"choices": [{"message": {"tool_calls": [{"function": {"name": "get_weather", "arguments": "{\"city\": \"Oslo\"}"}}]}}]}""",
            "schema" => """{"choices": [{"message": {"content": "{\"answer\": \"yes\"}"}}]}""",
            _ => """{"choices": [{"message": {"content": "Hi"}}], "usage": USAGE}""".Replace("USAGE", usage, StringComparison.Ordinal),
        });
    }
}
