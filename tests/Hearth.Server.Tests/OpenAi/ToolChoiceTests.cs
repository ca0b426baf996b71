using System.Text.Json;
using Hearth.Server.Tests.Chat;

namespace Hearth.Server.Tests.OpenAi;

/// <summary>Calls that are demanded, and calls that must be valid, of models that would do something else.</summary>
public sealed class ToolChoiceTests(ScriptedServer server, GuideServer guide) : IClassFixture<ScriptedServer>
{
    private const string Path = "/v1/chat/completions";
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Weather in Paris?\"}]";
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string","maxLength":12},"days":{"type":"integer","minimum":1,"maximum":7}},"required":["city","days"],"additionalProperties":false}""";
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"strict\":true,\"parameters\":" + Schema + "}},"
        + "{\"type\":\"function\",\"function\":{\"name\":\"add\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"enum\":[1,2]}},\"required\":[\"a\"],\"additionalProperties\":false}}}]";

    public static TheoryData<string, string> Demands => new()
    {
        { ScriptedServer.Thinker, "\"required\"" },
        { ScriptedServer.Caller, "\"required\"" },
        { ScriptedServer.Broken, "\"required\"" },
        { ScriptedServer.Thinker, "{\"type\":\"function\",\"function\":{\"name\":\"add\"}}" },
        { ScriptedServer.Caller, "{\"type\":\"function\",\"function\":{\"name\":\"add\"}}" },
    };

    [Theory]
    [MemberData(nameof(Demands))]
    public async Task DemandedCall_IsMade_WholeAndStreamed(string model, string choice)
    {
        string fields = $"{Tools},\"tool_choice\":{choice},\"parallel_tool_calls\":false,\"temperature\":0";
        (string reason, JsonElement message) = await AnswerAsync(server, model, fields);

        Assert.Equal("tool_calls", reason);
        (string name, string arguments) = Check(Assert.Single(message.GetProperty("tool_calls").EnumerateArray()));
        Assert.True(choice[0] == '"' || name == "add", name);
        Assert.True(!message.TryGetProperty("content", out JsonElement content) || content.ValueKind == JsonValueKind.Null || content.GetString() == string.Empty, content.ToString());
        Assert.Equal(model == ScriptedServer.Broken ? null : ScriptedServer.Thought, message.TryGetProperty("reasoning_content", out JsonElement thought) ? thought.GetString() : null);
        (string streamedReason, IReadOnlyList<(string, string)> calls) = await StreamAsync(server, model, fields);
        Assert.Equal((reason, name, arguments), (streamedReason, Assert.Single(calls).Item1, calls[0].Item2));
    }

    [Fact]
    public async Task DemandedCalls_OfRandomText_AreValid_AndTheSameAtAnyLoad()
    {
        string[] requests = [.. Enumerable.Range(0, 8).Select(seed => $"{Tools},\"tool_choice\":\"required\",\"parallel_tool_calls\":{(seed % 2 == 0 ? "false" : "true")},\"temperature\":1.5,\"seed\":{seed},\"max_tokens\":200")];
        List<string> alone = [];
        foreach (string request in requests)
        {
            (string reason, JsonElement message) = await AnswerAsync(guide, "guide", request);
            JsonElement[] calls = message.TryGetProperty("tool_calls", out JsonElement list) ? [.. list.EnumerateArray()] : [];
            Assert.True(calls.Length > 0 || reason == "length", message.GetRawText());
            Assert.All(calls, call => Check(call));
            Assert.True(calls.Length == 1 || request.Contains(":true,\"temperature", StringComparison.Ordinal), message.GetRawText());
            alone.Add(string.Concat(calls.Select(call => call.GetProperty("function").GetRawText())));
        }

        (string Reason, JsonElement Message)[] together = await Task.WhenAll(requests.Select(request => AnswerAsync(guide, "guide", request)));

        Assert.Equal(alone, together.Select(answer => answer.Message.TryGetProperty("tool_calls", out JsonElement list) ? string.Concat(list.EnumerateArray().Select(call => call.GetProperty("function").GetRawText())) : string.Empty));
    }

    [Fact]
    public async Task StrictTool_IsCalledWithValidArguments_OnceTheModelHasBegun()
    {
        (string reason, JsonElement message) = await AnswerAsync(server, ScriptedServer.Broken, Tools + ",\"parallel_tool_calls\":false,\"temperature\":0");

        Assert.Equal("tool_calls", reason);
        Assert.Equal("get_weather", Check(Assert.Single(message.GetProperty("tool_calls").EnumerateArray())).Name);
    }

    [Fact]
    public async Task ModelThatDoesNotCall_AnswersAsItLikes()
    {
        (string reason, JsonElement message) = await AnswerAsync(server, ScriptedServer.Thinker, Tools);

        Assert.Equal(("stop", ScriptedServer.Text, ScriptedServer.Thought), (reason, message.GetProperty("content").GetString(), message.GetProperty("reasoning_content").GetString()));
    }

    [Fact]
    public async Task DemandedCallThatIsCut_EndsWithLength()
    {
        (string reason, JsonElement message) = await AnswerAsync(server, ScriptedServer.Broken, Tools + ",\"tool_choice\":\"required\",\"max_tokens\":3");

        Assert.Equal("length", reason);
        Assert.False(message.TryGetProperty("tool_calls", out _));
    }

    [Theory]
    [InlineData(ScriptedServer.Thinker, "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"enum\":[5,6]}}}")]
    [InlineData(ScriptedServer.Thinker, "\"json_schema\":{\"enum\":[5,6]}")]
    [InlineData(ScriptedServer.Thinker, "\"grammar\":\"root ::= [56]\"")]
    [InlineData(ScriptedServer.Caller, "\"grammar\":\"root ::= [56]\"")]
    public async Task ToolsBesideAForm_GiveCallsOrTextOfIt(string model, string form)
    {
        (string reason, JsonElement message) = await AnswerAsync(server, model, $"{Tools},{form},\"temperature\":0,\"parallel_tool_calls\":false");

        Assert.Equal(ScriptedServer.Thought, message.GetProperty("reasoning_content").GetString());
        if (message.TryGetProperty("tool_calls", out JsonElement calls))
        {
            Assert.Equal("tool_calls", reason);
            Check(Assert.Single(calls.EnumerateArray()));
        }
        else
        {
            Assert.Equal("stop", reason);
            Assert.Contains(message.GetProperty("content").GetString(), (string[])["5", "6"]);
        }

        (reason, message) = await AnswerAsync(server, model, $"{Tools},{form},\"temperature\":0,\"parallel_tool_calls\":false,\"tool_choice\":\"required\"");
        Assert.Equal("tool_calls", reason);
        Check(Assert.Single(message.GetProperty("tool_calls").EnumerateArray()));
    }

    [Theory]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"uniqueItems\":true}}}", "uniqueItems")]
    [InlineData("{\"not\":{}}", "not")]
    public async Task StrictToolThatCannotBeKeptTo_IsRefusedByName_AndAnotherIsNot(string schema, string keyword)
    {
        string Tool(bool isStrict) => $"{{\"model\":\"{ScriptedServer.Thinker}\",{Messages},\"tools\":[{{\"type\":\"function\",\"function\":{{\"name\":\"hard\",\"strict\":{(isStrict ? "true" : "false")},\"parameters\":{schema}}}}}]}}";

        (int status, JsonElement body) = await server.PostAsync(Path, Tool(isStrict: true));
        (int other, JsonElement answer) = await server.PostAsync(Path, Tool(isStrict: false));

        Assert.Equal((400, "tools"), (status, body.GetProperty("error").GetProperty("param").GetString()));
        string message = body.GetProperty("error").GetProperty("message").GetString()!;
        Assert.Contains($"'{keyword}'", message, StringComparison.Ordinal);
        Assert.Contains("'hard'", message, StringComparison.Ordinal);
        Assert.True(other == 200, answer.GetRawText());
    }

    private static (string Name, string Arguments) Check(JsonElement call)
    {
        JsonElement function = call.GetProperty("function");
        (string name, string text) = (function.GetProperty("name").GetString()!, function.GetProperty("arguments").GetString()!);
        JsonElement arguments = TestServer.Parse(text);
        if (name == "add")
        {
            Assert.Equal(["a"], arguments.EnumerateObject().Select(member => member.Name));
            Assert.InRange(arguments.GetProperty("a").GetInt32(), 1, 2);
        }
        else
        {
            Assert.Equal("get_weather", name);
            Assert.Equal(["city", "days"], arguments.EnumerateObject().Select(member => member.Name));
            Assert.InRange(arguments.GetProperty("city").GetString()!.EnumerateRunes().Count(), 0, 12);
            Assert.InRange(arguments.GetProperty("days").GetInt32(), 1, 7);
        }

        return (name, text);
    }

    private static async Task<(string Reason, JsonElement Message)> AnswerAsync(TestServer server, string model, string fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, $"{{\"model\":\"{model}\",{Messages},{fields}}}");
        Assert.True(status == 200, body.GetRawText());
        JsonElement choice = body.GetProperty("choices")[0];
        return (choice.GetProperty("finish_reason").GetString()!, choice.GetProperty("message"));
    }

    private static async Task<(string Reason, IReadOnlyList<(string Name, string Arguments)> Calls)> StreamAsync(TestServer server, string model, string fields)
    {
        List<string> events = await server.StreamAsync(Path, $"{{\"model\":\"{model}\",{Messages},{fields},\"stream\":true}}");
        List<(string Name, string Arguments)> calls = [];
        string reason = string.Empty;
        foreach (JsonElement choice in events.SkipLast(1).Select(TestServer.Parse).Select(chunk => chunk.GetProperty("choices")[0]))
        {
            reason = choice.GetProperty("finish_reason").GetString() ?? reason;
            foreach (JsonElement piece in choice.GetProperty("delta").TryGetProperty("tool_calls", out JsonElement pieces) ? pieces.EnumerateArray().ToArray() : [])
            {
                JsonElement function = piece.GetProperty("function");
                if (piece.TryGetProperty("id", out _))
                {
                    calls.Add((function.GetProperty("name").GetString()!, string.Empty));
                }

                string arguments = function.TryGetProperty("arguments", out JsonElement text) ? text.GetString()! : string.Empty;
                calls[^1] = (calls[^1].Name, calls[^1].Arguments + arguments);
            }
        }

        return (reason, calls);
    }
}
