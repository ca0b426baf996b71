using System.Text;
using System.Text.Json;
using Hearth.Server.Tests.Chat;

namespace Hearth.Server.Tests.OpenAi;

/// <summary>Tools and reasoning, with models that say what the test needs.</summary>
public sealed class ToolCallTests(ScriptedServer server) : IClassFixture<ScriptedServer>
{
    private const string Path = "/v1/chat/completions";
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Weather in Paris, and 1 and 2?\"}]";
    private const string Weather = """{"name":"get_weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}}}}""";
    private const string Add = """{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}""";
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":" + Weather + "},{\"type\":\"function\",\"function\":" + Add + "}]";

    [Fact]
    public async Task Answer_HasReasoningTextAndCalls()
    {
        JsonElement body = await AnswerAsync(ScriptedServer.Caller, Tools);

        JsonElement choice = body.GetProperty("choices")[0];
        JsonElement message = choice.GetProperty("message");
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(ScriptedServer.Text, message.GetProperty("content").GetString());
        Assert.Equal(ScriptedServer.Thought, message.GetProperty("reasoning_content").GetString());
        JsonElement[] calls = [.. message.GetProperty("tool_calls").EnumerateArray()];
        Assert.Equal(2, calls.Length);
        Assert.All(calls, call => Assert.Equal("function", call.GetProperty("type").GetString()));
        Assert.All(calls, call => Assert.StartsWith("call_", call.GetProperty("id").GetString(), StringComparison.Ordinal));
        Assert.NotEqual(calls[0].GetProperty("id").GetString(), calls[1].GetProperty("id").GetString());
        Assert.Equal(("get_weather", """{"city": "Paris", "days": 3}"""), Function(calls[0]));
        Assert.Equal(("add", """{"a": 1}"""), Function(calls[1]));
        JsonElement usage = body.GetProperty("usage");
        int reasoning = usage.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32();
        Assert.InRange(reasoning, 3, usage.GetProperty("completion_tokens").GetInt32() / 2);
    }

    [Fact]
    public async Task Stream_HasTheSameInPieces()
    {
        List<string> events = await server.StreamAsync(Path, Request(ScriptedServer.Caller, Tools + ",\"stream\":true"));

        Assert.Equal("[DONE]", events[^1]);
        JsonElement[] deltas = [.. events.SkipLast(1).Select(TestServer.Parse).Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta"))];
        Assert.Equal(ScriptedServer.Thought, string.Concat(deltas.Select(delta => Text(delta, "reasoning_content"))));
        Assert.Equal(ScriptedServer.Text, string.Concat(deltas.Select(delta => Text(delta, "content"))));
        JsonElement[] pieces = [.. deltas.Where(delta => delta.TryGetProperty("tool_calls", out _)).Select(delta => Assert.Single(delta.GetProperty("tool_calls").EnumerateArray()))];
        JsonElement[] beginnings = [.. pieces.Where(piece => piece.TryGetProperty("id", out _))];
        Assert.Equal([0, 1], beginnings.Select(piece => piece.GetProperty("index").GetInt32()));
        Assert.Equal(["get_weather", "add"], beginnings.Select(piece => Text(piece.GetProperty("function"), "name")));
        Assert.All(beginnings, piece => Assert.Equal("function", piece.GetProperty("type").GetString()));
        Assert.Equal("""{"city": "Paris", "days": 3}""", Arguments(pieces, 0));
        Assert.Equal("""{"a": 1}""", Arguments(pieces, 1));
        Assert.True(pieces.Count(piece => piece.GetProperty("index").GetInt32() == 0) > 3, "The arguments come while they are written.");
        Assert.Equal("tool_calls", TestServer.Parse(events[^2]).GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task WithoutTools_CallsAreNotLookedFor()
    {
        JsonElement choice = (await AnswerAsync(ScriptedServer.Caller)).GetProperty("choices")[0];

        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.False(choice.GetProperty("message").TryGetProperty("tool_calls", out _));
        Assert.Contains("get_weather", choice.GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChoiceNone_CallsAreNotLookedFor()
    {
        JsonElement choice = (await AnswerAsync(ScriptedServer.Caller, Tools, "\"tool_choice\":\"none\"")).GetProperty("choices")[0];

        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.False(choice.GetProperty("message").TryGetProperty("tool_calls", out _));
    }

    [Fact]
    public async Task NoParallelCalls_TheFirstCallIsTheOnlyOne()
    {
        JsonElement body = await AnswerAsync(ScriptedServer.Caller, Tools, "\"parallel_tool_calls\":false");

        JsonElement call = Assert.Single(body.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls").EnumerateArray());
        Assert.Equal("get_weather", Function(call).Name);
    }

    [Fact]
    public async Task ReplyThatIsCut_SaysSo()
    {
        JsonElement whole = await AnswerAsync(ScriptedServer.Caller, Tools);
        int tokens = whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32();

        JsonElement choice = (await AnswerAsync(ScriptedServer.Caller, Tools, $"\"max_tokens\":{tokens - 3}")).GetProperty("choices")[0];

        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        Assert.Single(choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray());
    }

    [Fact]
    public async Task Functions_AreAnsweredInTheirShape()
    {
        JsonElement choice = (await AnswerAsync(ScriptedServer.Caller, "\"functions\":[" + Weather + "]")).GetProperty("choices")[0];

        Assert.Equal("function_call", choice.GetProperty("finish_reason").GetString());
        JsonElement call = choice.GetProperty("message").GetProperty("function_call");
        Assert.Equal(("get_weather", """{"city": "Paris", "days": 3}"""), (Text(call, "name"), Text(call, "arguments")));
        Assert.False(choice.GetProperty("message").TryGetProperty("tool_calls", out _));
    }

    [Fact]
    public async Task ThoughtThatTheTemplateBegins_IsReasoning()
    {
        JsonElement message = (await AnswerAsync(ScriptedServer.Thinker)).GetProperty("choices")[0].GetProperty("message");

        Assert.Equal((ScriptedServer.Thought, ScriptedServer.Text), (Text(message, "reasoning_content"), Text(message, "content")));
    }

    [Fact]
    public async Task ReasoningFormatNone_LeavesItInTheText()
    {
        JsonElement message = (await AnswerAsync(ScriptedServer.Caller, "\"reasoning_format\":\"none\"")).GetProperty("choices")[0].GetProperty("message");

        Assert.False(message.TryGetProperty("reasoning_content", out _));
        Assert.StartsWith($"<think>\n{ScriptedServer.Thought}\n</think>", Text(message, "content"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScriptedServer.Caller)]
    [InlineData(ScriptedServer.Thinker)]
    public async Task LogProbabilities_AreThoseOfTheText(string model)
    {
        JsonElement choice = (await AnswerAsync(model, Tools, "\"logprobs\":true")).GetProperty("choices")[0];

        byte[] bytes = [.. choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().SelectMany(token => token.GetProperty("bytes").EnumerateArray()).Select(value => value.GetByte())];
        Assert.Equal(ScriptedServer.Text, Encoding.UTF8.GetString(bytes).Trim());
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"call_1","content":"3"}""")]
    [InlineData("""{"role":"assistant","reasoning_content":"Hm","tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":""}}]},{"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"3"}]}""")]
    [InlineData("""{"role":"assistant","content":"I add.","function_call":{"name":"add","arguments":"not JSON"}},{"role":"function","name":"add","content":"3"}""")]
    [InlineData("""{"role":"assistant","content":"","refusal":null,"annotations":[],"audio":null}""")]
    public async Task CallsAndResults_MayBeSent(string sent)
    {
        string request = $"{{\"model\":\"{ScriptedServer.Thinker}\",\"messages\":[{{\"role\":\"user\",\"content\":\"1+2?\"}},{sent},{{\"role\":\"user\",\"content\":\"And?\"}}],{Tools}}}";

        (int status, JsonElement body) = await server.PostAsync(Path, request);

        Assert.True(status == 200, body.GetRawText());
    }

    [Theory]
    [InlineData("\"tools\":[{}]", "tools[0].function", "missing_required_parameter")]
    [InlineData("\"tools\":{}", "tools", "invalid_type")]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type", "unsupported_parameter")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name", "invalid_value")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\",\"parameters\":[]}}]", "tools[0].function.parameters", "invalid_type")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\",\"parameters\":{\"type\":1,\"type\":2}}}]", "tools[0].function.parameters", "invalid_value")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\",\"parameters\":{\"description\":\"\\ud800\"}}}]", "tools[0].function.parameters.description", "invalid_unicode")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\",\"description\":\"\\ud800\"}}]", "tools[0].function.description", "invalid_unicode")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\",\"strict\":1}}]", "tools[0].function.strict", "invalid_type")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\",\"strict\":true,\"parameters\":{\"not\":{}}}}]", "tools", "invalid_json_schema")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\"}},{\"function\":{\"name\":\"a\"}}]", "tools[1]", "invalid_value")]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\"}}],\"functions\":[{\"name\":\"a\"}]", "functions", "invalid_value")]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"none_such\"}}", "tool_choice", "invalid_value")]
    [InlineData(Tools + ",\"tool_choice\":\"maybe\"", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", "invalid_value")]
    [InlineData("\"reasoning_effort\":\"much\"", "reasoning_effort", "invalid_value")]
    [InlineData("\"reasoning_format\":\"deepseek-legacy\"", "reasoning_format", "invalid_value")]
    [InlineData("\"chat_template_kwargs\":5", "chat_template_kwargs", "invalid_type")]
    [InlineData("\"chat_template_kwargs\":{\"enable_thinking\":\"no\"}", "chat_template_kwargs.enable_thinking", "invalid_type")]
    [InlineData("\"chat_template_kwargs\":{\"messages\":[]}", "chat_template_kwargs.messages", "invalid_value")]
    [InlineData("\"chat_template_kwargs\":{\"eos_token\":\"<think>\"}", "chat_template_kwargs.eos_token", "invalid_value")]
    public async Task BadTools_AreRefusedByName(string fields, string parameter, string code)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, Request(ScriptedServer.Thinker, fields));

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, parameter, code), (status, Text(error, "param"), Text(error, "code")));
    }

    [Theory]
    [InlineData("""{"role":"tool","content":"3"}""", "messages[1].tool_call_id")]
    [InlineData("""{"role":"function","content":"3"}""", "messages[1].name")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"1","type":"function"}]}""", "messages[1].tool_calls[0].function")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"a","arguments":{}}}]}""", "messages[1].tool_calls[0].function.arguments")]
    [InlineData("""{"role":"assistant","tool_calls":{}}""", "messages[1].tool_calls")]
    [InlineData("""{"role":"user","content":"","tool_calls":[]}""", "messages[1].tool_calls")]
    public async Task BadMessages_AreRefusedByName(string message, string parameter)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, $"{{\"model\":\"{ScriptedServer.Thinker}\",\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}},{message}]}}");

        Assert.Equal((400, parameter), (status, Text(body.GetProperty("error"), "param")));
    }

    private async Task<JsonElement> AnswerAsync(string model, params string[] fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, Request(model, fields));
        Assert.True(status == 200, body.GetRawText());
        return body;
    }

    private static string Request(string model, params string[] fields) => $"{{{string.Join(',', [$"\"model\":\"{model}\",\"temperature\":0", Messages, .. fields])}}}";

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static (string? Name, string? Arguments) Function(JsonElement call) => (Text(call.GetProperty("function"), "name"), Text(call.GetProperty("function"), "arguments"));

    private static string Arguments(IEnumerable<JsonElement> pieces, int index) =>
        string.Concat(pieces.Where(piece => piece.GetProperty("index").GetInt32() == index).Select(piece => Text(piece.GetProperty("function"), "arguments")));
}
