using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.Server.Tests.Chat;

namespace Hearth.Server.Tests.Anthropic;

/// <summary>Anthropic's API, with models that say what the test needs.</summary>
public sealed class MessagesTests(ScriptedServer server) : IClassFixture<ScriptedServer>
{
    private const string Path = "/v1/messages";
    private const string Question = "\"messages\":[{\"role\":\"user\",\"content\":\"Weather in Paris, and 1 and 2?\"}]";
    private const string Weather = """{"name":"get_weather","description":"The weather","input_schema":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}}},"cache_control":{"type":"ephemeral"}}""";
    private const string Tools = "\"tools\":[" + Weather + ",{\"type\":\"custom\",\"name\":\"add\",\"input_schema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}}]";

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/anthropic/v1/messages")]
    [InlineData("/engines/v1/messages")]
    [InlineData("/engines/llama.cpp/v1/messages")]
    public async Task Answer_HasThoughtTextAndCalls(string path)
    {
        (int status, JsonElement body) = await server.PostAsync(path, Request(ScriptedServer.Caller, Tools));

        Assert.True(status == 200, body.GetRawText());
        Assert.Equal(("message", "assistant", ScriptedServer.Caller), (Text(body, "type"), Text(body, "role"), Text(body, "model")));
        Assert.StartsWith("msg_", Text(body, "id"), StringComparison.Ordinal);
        Assert.Equal(("tool_use", null), (Text(body, "stop_reason"), Text(body, "stop_sequence")));
        JsonElement[] content = [.. body.GetProperty("content").EnumerateArray()];
        Assert.Equal(["thinking", "text", "tool_use", "tool_use"], content.Select(block => Text(block, "type")));
        Assert.Equal((ScriptedServer.Thought, string.Empty), (Text(content[0], "thinking"), Text(content[0], "signature")));
        Assert.Equal(ScriptedServer.Text, Text(content[1], "text"));
        Assert.Equal(("get_weather", "Paris", 3), (Text(content[2], "name"), Text(content[2].GetProperty("input"), "city"), content[2].GetProperty("input").GetProperty("days").GetInt32()));
        Assert.Equal(("add", """{"a":1}"""), (Text(content[3], "name"), content[3].GetProperty("input").GetRawText()));
        Assert.All(content[2..], call => Assert.StartsWith("toolu_", Text(call, "id"), StringComparison.Ordinal));
        Assert.NotEqual(Text(content[2], "id"), Text(content[3], "id"));
        JsonElement usage = body.GetProperty("usage");
        Assert.True(usage.GetProperty("output_tokens").GetInt32() > 20);
        Assert.Equal(await CountAsync(ScriptedServer.Caller, Tools), usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("cache_read_input_tokens").GetInt32());
    }

    [Fact]
    public async Task Stream_HasNamedEventsInOrder()
    {
        List<(string Name, JsonElement Data)> events = await StreamAsync(Request(ScriptedServer.Caller, Tools + ",\"stream\":true"));

        Assert.All(events, happened => Assert.Equal(happened.Name, Text(happened.Data, "type")));
        string[] order = [.. events.Where(happened => happened.Name is not ("content_block_delta" or "ping")).Select(happened => happened.Name)];
        string[] block = ["content_block_start", "content_block_stop"];
        Assert.Equal(["message_start", .. block, .. block, .. block, .. block, "message_delta", "message_stop"], order);
        JsonElement message = events[0].Data.GetProperty("message");
        Assert.Equal(("message", "assistant", 0), (Text(message, "type"), Text(message, "role"), message.GetProperty("content").GetArrayLength()));
        Assert.Equal(JsonValueKind.Null, message.GetProperty("stop_reason").ValueKind);
        Assert.Equal(await CountAsync(ScriptedServer.Caller, Tools), message.GetProperty("usage").GetProperty("input_tokens").GetInt32());

        JsonElement[] starts = [.. events.Where(happened => happened.Name == "content_block_start").Select(happened => happened.Data)];
        Assert.Equal([0, 1, 2, 3], starts.Select(start => start.GetProperty("index").GetInt32()));
        Assert.Equal("""{"type":"thinking","thinking":"","signature":""}""", starts[0].GetProperty("content_block").GetRawText());
        Assert.Equal("""{"type":"text","text":""}""", starts[1].GetProperty("content_block").GetRawText());
        Assert.Equal(("tool_use", "get_weather", "{}"), (Text(starts[2].GetProperty("content_block"), "type"), Text(starts[2].GetProperty("content_block"), "name"), starts[2].GetProperty("content_block").GetProperty("input").GetRawText()));
        Assert.Equal(ScriptedServer.Thought, Deltas(events, 0, "thinking_delta", "thinking"));
        Assert.Equal("signature_delta", Text(events.Last(happened => Index(happened.Data) == 0 && happened.Name == "content_block_delta").Data.GetProperty("delta"), "type"));
        Assert.Equal(ScriptedServer.Text, Deltas(events, 1, "text_delta", "text"));
        Assert.Equal("""{"city": "Paris", "days": 3}""", Deltas(events, 2, "input_json_delta", "partial_json"));
        Assert.Equal("""{"a": 1}""", Deltas(events, 3, "input_json_delta", "partial_json"));
        AssertOneBlockAtATime(events);

        JsonElement ending = events[^2].Data;
        Assert.Equal("tool_use", Text(ending.GetProperty("delta"), "stop_reason"));
        Assert.Equal(JsonValueKind.Null, ending.GetProperty("delta").GetProperty("stop_sequence").ValueKind);
        Assert.True(ending.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 20);
    }

    [Fact]
    public async Task StopSequence_IsNamed()
    {
        (_, JsonElement body) = await server.PostAsync(Path, Request(ScriptedServer.Thinker, "\"stop_sequences\":[\"nothing\",\" it up\"]"));

        Assert.Equal(("stop_sequence", " it up"), (Text(body, "stop_reason"), Text(body, "stop_sequence")));
        Assert.Equal("I look", Text(body.GetProperty("content")[1], "text"));
    }

    [Fact]
    public async Task Limit_IsTheReason()
    {
        (_, JsonElement body) = await server.PostAsync(Path, "{\"model\":\"" + ScriptedServer.Thinker + "\",\"max_tokens\":3," + Question + "}");

        Assert.Equal("max_tokens", Text(body, "stop_reason"));
        Assert.Equal(3, body.GetProperty("usage").GetProperty("output_tokens").GetInt32());
    }

    [Fact]
    public async Task ModelThatEnds_IsAnEndOfTurn()
    {
        (_, JsonElement body) = await server.PostAsync(Path, Request(ScriptedServer.Thinker));

        Assert.Equal("end_turn", Text(body, "stop_reason"));
    }

    [Fact]
    public async Task NoParallelUse_TheFirstCallIsTheOnlyOne()
    {
        (_, JsonElement body) = await server.PostAsync(Path, Request(ScriptedServer.Caller, Tools, "\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}"));

        Assert.Single(body.GetProperty("content").EnumerateArray(), block => Text(block, "type") == "tool_use");
    }

    [Fact]
    public async Task ChoiceNone_CallsAreNotLookedFor()
    {
        (_, JsonElement body) = await server.PostAsync(Path, Request(ScriptedServer.Caller, Tools, "\"tool_choice\":{\"type\":\"none\"}"));

        Assert.Equal("end_turn", Text(body, "stop_reason"));
        Assert.DoesNotContain(body.GetProperty("content").EnumerateArray(), block => Text(block, "type") == "tool_use");
    }

    [Theory]
    [InlineData("\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"enum\":[\"yes\",\"no\"]}}}")]
    [InlineData("\"output_format\":{\"type\":\"json_schema\",\"schema\":{\"enum\":[\"yes\",\"no\"]}}")]
    public async Task Format_IsFollowed(string fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, Request(ScriptedServer.Broken, fields));

        Assert.True(status == 200, body.GetRawText());
        Assert.Contains(Text(Assert.Single(body.GetProperty("content").EnumerateArray()), "text"), (string[])["\"yes\"", "\"no\""]);
    }

    [Theory]
    [InlineData("\"system\":\"Be brief.\"")]
    [InlineData("\"system\":[{\"type\":\"text\",\"text\":\"Be brief.\",\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}},{\"type\":\"text\",\"text\":\"And kind.\"}]")]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":20}")]
    [InlineData("\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"low\"}")]
    [InlineData("\"thinking\":{\"type\":\"disabled\"}")]
    [InlineData("\"metadata\":{\"user_id\":\"me\"},\"service_tier\":\"auto\",\"mcp_servers\":[],\"container\":null")]
    [InlineData("\"top_p\":0.9,\"top_k\":5,\"cache_control\":{\"type\":\"ephemeral\"}")]
    [InlineData("\"context_management\":{\"edits\":[{\"type\":\"clear_thinking_20251015\",\"keep\":\"all\"}]}")]
    public async Task Fields_AreTaken(string fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, Request(ScriptedServer.Thinker, fields));

        Assert.True(status == 200, body.GetRawText());
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"x"},{"type":"redacted_thinking","data":"x"},{"type":"text","text":"I add."},{"type":"tool_use","id":"toolu_1","name":"add","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"3"}]}""")]
    [InlineData("""{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"add","input":{},"caller":{"type":"direct"}}]},{"role":"user","content":[{"type":"text","text":"Here:"},{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"3"}],"cache_control":{"type":"ephemeral"}}]}""")]
    [InlineData("""{"role":"assistant","content":"One"},{"role":"assistant","content":"Two"},{"role":"user","content":[{"type":"text","text":"a","citations":null},{"type":"text","text":"b"}]}""")]
    public async Task CallsAndResults_MayBeSent(string sent)
    {
        string request = $"{{\"model\":\"{ScriptedServer.Thinker}\",\"max_tokens\":50,\"messages\":[{{\"role\":\"user\",\"content\":\"1+2?\"}},{sent}],{Tools}}}";

        (int status, JsonElement body) = await server.PostAsync(Path, request);

        Assert.True(status == 200, body.GetRawText());
    }

    [Theory]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"\"}}]}]", "messages[0].content[0].type")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{}}]}]", "messages[0].content[0].type")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"a\",\"input\":{}}]}]", "messages[0].content[0].type")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"1\",\"content\":[{\"type\":\"image\"}]}]}]", "messages[0].content[0].content[0].type")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\"}]}]", "messages[0].content[0].tool_use_id")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]", "messages[0].content[0].text")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"citations\":[{}]}]}]", "messages[0].content[0].citations")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{}]}]", "messages[0].content[0].type")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[\"a\"]}]", "messages[0].content[0]")]
    [InlineData("\"messages\":[{\"role\":\"user\"}]", "messages[0].content")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":5}]", "messages[0].content")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"name\":\"b\"}]", "messages[0].name")]
    [InlineData("\"messages\":[{\"role\":\"system\",\"content\":\"a\"}]", "messages[0].role")]
    [InlineData("\"messages\":[{\"content\":\"a\"}]", "messages[0].role")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]", "assistant's")]
    [InlineData("\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"server_tool_use\"}]}]", "messages[0].content[0].type")]
    [InlineData("\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"a\"}]}]", "messages[0].content[0].input")]
    [InlineData("\"messages\":[]", "messages")]
    [InlineData("\"messages\":\"hi\"", "messages")]
    [InlineData("\"max_tokens\":10", "messages")]
    [InlineData(Question + ",\"system\":5", "system")]
    [InlineData(Question + ",\"system\":[{\"type\":\"image\"}]", "system[0].type")]
    [InlineData(Question + ",\"stop_sequences\":[\"\"]", "stop_sequences")]
    [InlineData(Question + ",\"temperature\":-1", "temperature")]
    [InlineData(Question + ",\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]", "web_search_20250305")]
    [InlineData(Question + ",\"tools\":[{\"name\":\"a\"}]", "tools[0].input_schema")]
    [InlineData(Question + ",\"tools\":[{\"name\":\"a b\",\"input_schema\":{}}]", "tools[0].name")]
    [InlineData(Question + ",\"tools\":[{\"name\":\"a\",\"input_schema\":{\"not\":{}},\"strict\":true}]", "'not'")]
    [InlineData(Question + ",\"tools\":[{\"name\":\"a\",\"input_schema\":{},\"defer_loading\":true}]", "tools[0].defer_loading")]
    [InlineData(Question + ",\"tools\":[{\"name\":\"a\",\"input_schema\":{},\"input_examples\":[{}]}]", "tools[0].input_examples")]
    [InlineData(Question + ",\"tools\":[{\"name\":\"a\",\"input_schema\":{},\"allowed_callers\":[\"code_execution\"]}]", "tools[0].allowed_callers")]
    [InlineData(Question + ",\"tool_choice\":{\"type\":\"any\"}", "tool_choice")]
    [InlineData(Question + "," + Tools + ",\"tool_choice\":{\"type\":\"tool\",\"name\":\"none_such\"}", "none_such")]
    [InlineData(Question + "," + Tools + ",\"tool_choice\":{\"type\":\"maybe\"}", "maybe")]
    [InlineData(Question + ",\"thinking\":{}", "thinking.type")]
    [InlineData(Question + ",\"thinking\":{\"type\":\"much\"}", "thinking.type")]
    [InlineData(Question + ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":100000}", "thinking.budget_tokens")]
    [InlineData(Question + ",\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"}", "thinking.display")]
    [InlineData(Question + ",\"output_config\":{\"effort\":\"some\"}", "output_config.effort")]
    [InlineData(Question + ",\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"odd\"}}}", "output_config.format.schema")]
    [InlineData(Question + ",\"output_config\":{\"format\":{\"type\":\"xml\"}}", "output_config.format.type")]
    [InlineData(Question + ",\"output_format\":{\"type\":\"json_schema\"}", "output_format.schema")]
    [InlineData(Question + ",\"mcp_servers\":[{}]", "mcp_servers")]
    [InlineData(Question + ",\"container\":\"x\"", "container")]
    [InlineData(Question + ",\"inference_geo\":\"us\"", "inference_geo")]
    [InlineData(Question + ",\"service_tier\":\"gold\"", "service_tier")]
    [InlineData(Question + ",\"context_management\":{\"edits\":[{\"type\":\"clear_tool_uses_20250919\"}]}", "context_management")]
    [InlineData(Question + ",\"thread\":{\"type\":\"create\"}", "thread")]
    [InlineData(Question + ",\"another\":1", "another")]
    public async Task BadRequests_AreRefusedByName(string fields, string name)
    {
        string request = "{\"model\":\"" + ScriptedServer.Thinker + "\"," + (fields.Contains("max_tokens", StringComparison.Ordinal) ? fields : fields + ",\"max_tokens\":100") + "}";

        (int status, JsonElement body) = await server.PostAsync(Path, request);

        AssertError(status, body, 400, "invalid_request_error", name);
    }

    [Fact]
    public async Task Threads_AreRefusedSoThatClientsSendWholeConversations()
    {
        (_, JsonElement body) = await server.PostAsync(Path, "{\"model\":\"thinker\",\"max_tokens\":5,\"thread\":{\"type\":\"create\"}," + Question + "}");

        JsonElement details = body.GetProperty("error").GetProperty("details");
        Assert.Equal("thread_unsupported_request", Text(details, "error_code"));
        Assert.Equal("thread", Assert.Single(details.GetProperty("unsupported").EnumerateArray()).GetString());
    }

    [Theory]
    [InlineData(ScriptedServer.Thinker, "{\"type\":\"any\",\"disable_parallel_tool_use\":true}", null)]
    [InlineData(ScriptedServer.Broken, "{\"type\":\"any\",\"disable_parallel_tool_use\":true}", null)]
    [InlineData(ScriptedServer.Caller, "{\"type\":\"tool\",\"name\":\"add\"}", "add")]
    [InlineData(ScriptedServer.Broken, "{\"type\":\"auto\",\"disable_parallel_tool_use\":true}", "get_weather")]
    public async Task DemandedCall_IsTheOnlyBlock(string model, string choice, string? name)
    {
        string fields = Tools.Replace("\"name\":", "\"strict\":true,\"name\":", StringComparison.Ordinal) + ",\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"const\":1}}},\"temperature\":0,\"tool_choice\":" + choice;
        fields = choice.Contains("auto", StringComparison.Ordinal) ? fields.Replace("{\"const\":1}", "{\"pattern\":\"x\"}", StringComparison.Ordinal) : fields;

        (int status, JsonElement body) = await server.PostAsync(Path, Request(model, fields));

        Assert.True(status == 200, body.GetRawText());
        Assert.Equal("tool_use", Text(body, "stop_reason"));
        JsonElement call = Assert.Single(body.GetProperty("content").EnumerateArray(), block => Text(block, "type") != "thinking");
        Assert.Equal("tool_use", Text(call, "type"));
        Assert.Contains(Text(call, "name"), name is null ? ["get_weather", "add"] : new[] { name });
        Assert.All(call.GetProperty("input").EnumerateObject(), member => Assert.Equal(member.Name == "city" ? JsonValueKind.String : JsonValueKind.Number, member.Value.ValueKind));
    }

    [Theory]
    [InlineData("{\"max_tokens\":5," + Question + "}", 400, "invalid_request_error", "model")]
    [InlineData("{\"model\":\"thinker\"," + Question + "}", 400, "invalid_request_error", "max_tokens")]
    [InlineData("{\"model\":\"thinker\",\"max_tokens\":0," + Question + "}", 400, "invalid_request_error", "max_tokens")]
    [InlineData("{\"model\":\"nothing\",\"max_tokens\":5," + Question + "}", 404, "not_found_error", "nothing")]
    [InlineData("{", 400, "invalid_request_error", "JSON")]
    [InlineData("[]", 400, "invalid_request_error", "object")]
    public async Task Errors_HaveAnthropicsShape(string request, int expected, string type, string name)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, request);

        AssertError(status, body, expected, type, name);
    }

    [Theory]
    [InlineData("GET", "/v1/messages", 405, "invalid_request_error")]
    [InlineData("GET", "/anthropic/v1/nothing", 404, "not_found_error")]
    [InlineData("POST", "/v1/messages/batches", 404, "not_found_error")]
    [InlineData("GET", "/anthropic/v1/models/nothing", 404, "not_found_error")]
    public async Task WrongRoutes_HaveAnthropicsShapeAndTheRequestsId(string method, string path, int expected, string type)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        request.Headers.Add("x-request-id", "req_mine");
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        AssertError((int)response.StatusCode, body, expected, type, string.Empty);
        Assert.Equal("req_mine", Text(body, "request_id"));
        Assert.Equal("req_mine", Assert.Single(response.Headers.GetValues("request-id")));
    }

    [Fact]
    public async Task TooLongPrompt_IsRefusedBeforeAStreamBegins()
    {
        string text = string.Concat(Enumerable.Repeat("0123456789 word ", 1000));

        (int status, JsonElement body) = await server.PostAsync(Path, "{\"model\":\"thinker\",\"max_tokens\":5,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}");

        AssertError(status, body, 400, "invalid_request_error", "8192");
    }

    [Fact]
    public async Task Count_IsThatOfTheConversation()
    {
        int plain = await CountAsync(ScriptedServer.Caller);
        int withTools = await CountAsync(ScriptedServer.Caller, Tools);
        int withSystem = await CountAsync(ScriptedServer.Caller, "\"system\":\"Be brief.\"");

        Assert.True(plain > 0 && withTools > plain && withSystem > plain);
    }

    [Fact]
    public async Task Count_TakesNoLimit()
    {
        (int status, JsonElement body) = await server.PostAsync(Path + "/count_tokens", "{\"model\":\"thinker\",\"max_tokens\":5," + Question + "}");

        AssertError(status, body, 400, "invalid_request_error", "max_tokens");
    }

    [Theory]
    [InlineData("/v1/models", true)]
    [InlineData("/anthropic/v1/models", false)]
    public async Task Models_AreListedInPages(string path, bool needsVersion)
    {
        JsonElement all = await GetAsync(path, needsVersion);
        JsonElement first = await GetAsync(path + "?limit=1", needsVersion);
        JsonElement second = await GetAsync(path + "?limit=1&after_id=" + Text(first, "last_id"), needsVersion);
        JsonElement last = await GetAsync(path + "?limit=2&before_id=" + Text(all, "last_id"), needsVersion);

        string[] ids = [.. all.GetProperty("data").EnumerateArray().Select(model => Text(model, "id")!)];
        Assert.Equal([ScriptedServer.Caller, ScriptedServer.Broken, ScriptedServer.Thinker], ids);
        Assert.All(all.GetProperty("data").EnumerateArray(), model => Assert.Equal("model", Text(model, "type")));
        Assert.All(all.GetProperty("data").EnumerateArray(), model => Assert.True(model.GetProperty("created_at").GetDateTimeOffset() > DateTimeOffset.UnixEpoch));
        Assert.Equal((false, ids[0], ids[2]), (all.GetProperty("has_more").GetBoolean(), Text(all, "first_id"), Text(all, "last_id")));
        Assert.Equal((true, ids[0]), (first.GetProperty("has_more").GetBoolean(), Text(first, "last_id")));
        Assert.Equal((true, ids[1]), (second.GetProperty("has_more").GetBoolean(), Text(second, "last_id")));
        Assert.Equal((false, ids[0], ids[1]), (last.GetProperty("has_more").GetBoolean(), Text(last, "first_id"), Text(last, "last_id")));
        Assert.Equal(ids[1], Text(await GetAsync($"{path}/{ids[1]}", needsVersion), "display_name"));
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=many", "limit")]
    [InlineData("?after_id=nothing", "after_id")]
    [InlineData("?before_id=nothing", "before_id")]
    [InlineData("?before_id=thinker&after_id=thinker", "before_id")]
    public async Task BadPages_AreRefused(string query, string name)
    {
        using HttpResponseMessage response = await server.Client.GetAsync("/anthropic/v1/models" + query, TestContext.Current.CancellationToken);

        AssertError((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken), 400, "invalid_request_error", name);
    }

    [Fact]
    public async Task ModelsWithoutTheVersion_AreOpenAis()
    {
        Assert.Equal("list", Text(await GetAsync("/v1/models", withVersion: false), "object"));
    }

    private static string Request(string model, params string[] fields) => $"{{{string.Join(',', [$"\"model\":\"{model}\",\"max_tokens\":500,\"temperature\":0", Question, .. fields])}}}";

    private async Task<int> CountAsync(string model, params string[] fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path + "/count_tokens", $"{{{string.Join(',', [$"\"model\":\"{model}\"", Question, .. fields])}}}");
        Assert.True(status == 200, body.GetRawText());
        return body.GetProperty("input_tokens").GetInt32();
    }

    private async Task<JsonElement> GetAsync(string path, bool withVersion)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        if (withVersion)
        {
            request.Headers.Add("anthropic-version", "2023-06-01");
        }

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private async Task<List<(string Name, JsonElement Data)>> StreamAsync(string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await server.Client.PostAsync(Path, content, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(ReadEvent)];
    }

    private static (string Name, JsonElement Data) ReadEvent(string text)
    {
        string[] lines = text.Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("event: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("data: ", lines[1], StringComparison.Ordinal);
        return (lines[0]["event: ".Length..], TestServer.Parse(lines[1]["data: ".Length..]));
    }

    private static void AssertOneBlockAtATime(List<(string Name, JsonElement Data)> events)
    {
        int? open = null;
        foreach ((string name, JsonElement data) in events)
        {
            switch (name)
            {
                case "content_block_start":
                    Assert.Null(open);
                    open = Index(data);
                    break;
                case "content_block_delta":
                    Assert.Equal(open, Index(data));
                    break;
                case "content_block_stop":
                    Assert.Equal(open, Index(data));
                    open = null;
                    break;
                case "message_delta":
                    Assert.Null(open);
                    break;
            }
        }
    }

    private static string Deltas(IEnumerable<(string Name, JsonElement Data)> events, int index, string type, string field) => string.Concat(events
        .Where(happened => happened.Name == "content_block_delta" && Index(happened.Data) == index)
        .Select(happened => happened.Data.GetProperty("delta"))
        .Where(delta => Text(delta, "type") == type)
        .Select(delta => Text(delta, field)));

    private static int? Index(JsonElement data) => data.TryGetProperty("index", out JsonElement index) ? index.GetInt32() : null;

    private static void AssertError(int status, JsonElement body, int expected, string type, string name)
    {
        Assert.True(status == expected, $"{status}: {body.GetRawText()}");
        Assert.Equal("error", Text(body, "type"));
        Assert.Equal(type, Text(body.GetProperty("error"), "type"));
        Assert.Contains(name, Text(body.GetProperty("error"), "message"), StringComparison.Ordinal);
        Assert.StartsWith("req_", Text(body, "request_id"), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
