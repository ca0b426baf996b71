using System.Text.Json;
using Hearth.Server.Tests.Chat;

namespace Hearth.Server.Tests.Ollama;

/// <summary>Thoughts and calls, with models that say what the test needs.</summary>
public sealed class ThinkingAndToolTests(ScriptedServer server) : IClassFixture<ScriptedServer>
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Weather in Paris, and 1 and 2?\"}]";
    private const string Tools = "\"tools\":" + """[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}}},{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}]""";

    [Fact]
    public async Task Chat_HasThoughtsTextAndCalls()
    {
        JsonElement body = (await PostAsync("/api/chat", $"{{\"model\":\"caller\",{Messages},{Tools},\"stream\":false}}")).Body;

        JsonElement message = body.GetProperty("message");
        Assert.Equal(["role", "content", "thinking", "tool_calls"], message.Names());
        Assert.Equal((ScriptedServer.Text, ScriptedServer.Thought, "stop"), (message.Text("content"), message.Text("thinking"), body.Text("done_reason")));
        AssertCalls(message.GetProperty("tool_calls"));
    }

    [Fact]
    public async Task Chat_StreamsEachCallInALineOfItsOwn()
    {
        JsonElement[] lines = (await PostAsync("/api/chat", $"{{\"model\":\"caller\",{Messages},{Tools}}}")).Lines;

        JsonElement[] messages = [.. lines.Select(line => line.GetProperty("message"))];
        Assert.Equal(ScriptedServer.Thought, string.Concat(messages.Select(message => message.Text("thinking"))));
        Assert.Equal(ScriptedServer.Text, string.Concat(messages.Select(message => message.Text("content"))));
        JsonElement[] calls = [.. messages.Where(message => message.TryGetProperty("tool_calls", out _))];
        Assert.All(calls, message => Assert.Equal("", message.Text("content")));
        AssertCalls(JsonSerializer.SerializeToElement(calls.Select(message => Assert.Single(message.GetProperty("tool_calls").EnumerateArray()))));
        Assert.Equal("stop", lines[^1].Text("done_reason"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"think\":true")]
    [InlineData(",\"think\":\"low\"")]
    [InlineData(",\"think\":false")]
    public async Task Generate_TellsThoughtsApart(string think)
    {
        JsonElement[] lines = (await PostAsync("/api/generate", $"{{\"model\":\"thinker\",\"prompt\":\"hi\"{think}}}")).Lines;
        JsonElement whole = (await PostAsync("/api/generate", $"{{\"model\":\"thinker\",\"prompt\":\"hi\"{think},\"stream\":false}}")).Body;

        Assert.Equal((ScriptedServer.Text, ScriptedServer.Thought), (whole.Text("response"), whole.Text("thinking")));
        Assert.Equal(ScriptedServer.Text, string.Concat(lines.Select(line => line.Text("response"))));
        Assert.Equal(ScriptedServer.Thought, string.Concat(lines.Select(line => line.Text("thinking"))));
    }

    [Theory]
    [InlineData("caller", "", true)]
    [InlineData("caller", ",\"think\":true", true)]
    [InlineData("thinker", "", true)]
    [InlineData("thinker", ",\"think\":false", false)]
    public async Task Format_IsThatOfTheAnswerAndNotOfTheThought(string model, string think, bool thinks)
    {
        const string Format = """format":{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false},"options":{"temperature":0}""";
        string json = $"{{\"model\":\"{model}\",{Messages},\"{Format}{think}";
        JsonElement whole = (await PostAsync("/api/chat", json + ",\"stream\":false}")).Body;
        JsonElement[] lines = (await PostAsync("/api/chat", json + "}")).Lines;

        JsonElement message = whole.GetProperty("message");
        Assert.Equal(thinks ? ScriptedServer.Thought : null, message.Text("thinking"));
        Assert.True(JsonDocument.Parse(message.Text("content")!).RootElement.GetProperty("a").ValueKind is JsonValueKind.True or JsonValueKind.False);
        Assert.Equal(message.Text("content"), string.Concat(lines.Select(line => line.GetProperty("message").Text("content"))));
        Assert.Equal("stop", whole.Text("done_reason"));
        Assert.Equal(whole.GetProperty("eval_count").GetInt32(), lines[^1].GetProperty("eval_count").GetInt32());
    }

    [Fact]
    public async Task CallThatWouldBeBroken_IsValid()
    {
        JsonElement message = (await PostAsync("/api/chat", $"{{\"model\":\"broken\",{Messages},{Tools},\"stream\":false,\"options\":{{\"num_predict\":400}}}}")).Body.GetProperty("message");

        JsonElement call = message.GetProperty("tool_calls")[0].GetProperty("function");
        Assert.Equal("get_weather", call.Text("name"));
        Assert.Equal(JsonValueKind.String, call.GetProperty("arguments").GetProperty("city").ValueKind);
    }

    [Theory]
    [InlineData("thinker")]
    [InlineData("caller")]
    public async Task ToolsBesideAFormat_GiveCallsOrTextOfIt(string model)
    {
        const string Format = """format":{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false},"options":{"temperature":0,"num_predict":400}""";

        JsonElement whole = (await PostAsync("/api/chat", $"{{\"model\":\"{model}\",{Messages},{Tools},\"stream\":false,\"{Format}}}")).Body;

        JsonElement message = whole.GetProperty("message");
        Assert.Equal(("stop", ScriptedServer.Thought), (whole.Text("done_reason"), message.Text("thinking")));
        if (message.TryGetProperty("tool_calls", out JsonElement calls))
        {
            Assert.Empty(message.Text("content") ?? string.Empty);
            Assert.All(calls.EnumerateArray(), call => Assert.Contains(call.GetProperty("function").Text("name"), (string[])["get_weather", "add"]));
        }
        else
        {
            Assert.True(JsonDocument.Parse(message.Text("content")!).RootElement.GetProperty("a").ValueKind is JsonValueKind.True or JsonValueKind.False);
        }
    }

    [Fact]
    public async Task Tags_TellWhatTemplatesCanDo()
    {
        JsonElement tags = (await OllamaClient.SendAsync(server.Client, HttpMethod.Get, "/api/tags")).Body;

        JsonElement caller = Assert.Single(tags.GetProperty("models").EnumerateArray(), tag => tag.Text("name") == "caller:latest");
        Assert.Equal(["completion", "tools", "thinking"], caller.GetProperty("capabilities").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal(64, caller.Text("digest")!.Length);
    }

    private static void AssertCalls(JsonElement calls)
    {
        Assert.Equal([0, 1], calls.EnumerateArray().Select(call => call.GetProperty("function").GetProperty("index").GetInt32()));
        Assert.All(calls.EnumerateArray(), call => Assert.StartsWith("call_", call.Text("id"), StringComparison.Ordinal));
        Assert.Equal(["get_weather", "add"], calls.EnumerateArray().Select(call => call.GetProperty("function").Text("name")));
        Assert.Equal("{\"city\":\"Paris\",\"days\":3}", calls[0].GetProperty("function").GetProperty("arguments").GetRawText());
    }

    private Task<OllamaReply> PostAsync(string path, string json) => OllamaClient.PostAsync(server.Client, path, json);
}
