using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Hearth.Server.OpenAi.Responses;
using Hearth.Server.Tests.Chat;
using Microsoft.Extensions.DependencyInjection;
using static Hearth.Server.Tests.OpenAi.Responses.ResponseClient;

namespace Hearth.Server.Tests.OpenAi.Responses;

/// <summary>Conversations that the server keeps.</summary>
public sealed class ResponseHistoryTests(ScriptedServer server) : IClassFixture<ScriptedServer>
{
    private const string Missing = "resp_0";

    [Theory]
    [InlineData("\"stream\":false")]
    [InlineData("\"reasoning\":{\"summary\":\"auto\"}")]
    public async Task ThreeTurns_AreTheConversationOfAChat(string fields)
    {
        JsonElement first = await server.AnswerAsync(ScriptedServer.Caller, Tools, fields, "\"instructions\":\"Be brief.\"");
        string[] calls = [.. Items(first).Where(item => Text(item, "type") == "function_call").Select(item => Text(item, "call_id")!)];
        string results = $$"""
            "input":[{"type":"function_call_output","call_id":"{{calls[0]}}","output":"sunny"},{"type":"function_call_output","call_id":"{{calls[1]}}","output":[{"type":"input_text","text":"3"}]}]
            """;
        JsonElement second = await server.AnswerAsync(ScriptedServer.Thinker, Tools, fields, results, $"\"previous_response_id\":\"{IdOf(first)}\"");
        string third = Request(ScriptedServer.Thinker, Tools, "\"input\":\"And tomorrow?\"", "\"instructions\":\"Be kind.\"", $"\"previous_response_id\":\"{IdOf(second)}\"");
        (int status, JsonElement answer) = await server.PostAsync(Route, third);
        Assert.True(status == 200, answer.GetRawText());

        string chat = $$"""
            {"model":"{{ScriptedServer.Thinker}}","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Weather in Paris, and 1 and 2?"},
            {"role":"assistant","content":"{{ScriptedServer.Text}}","reasoning_content":"{{ScriptedServer.Thought}}","tool_calls":[
            {"id":"{{calls[0]}}","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\", \"days\": 3}"} },
            {"id":"{{calls[1]}}","type":"function","function":{"name":"add","arguments":"{\"a\": 1}"} }]},
            {"role":"tool","tool_call_id":"{{calls[0]}}","content":"sunny"},{"role":"tool","tool_call_id":"{{calls[1]}}","content":"3"},
            {"role":"assistant","content":"{{ScriptedServer.Text}}","reasoning_content":"{{ScriptedServer.Thought}}"},{"role":"user","content":"And tomorrow?"}],
            "tools":[{"type":"function","function":{"name":"get_weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"} } } } },
            {"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"} } } } }]}
            """;
        Conversation expected = ChatRequest.Read(TestServer.Parse(chat), server.Host).Conversation;
        Conversation actual = ResponsePrompt.Read(new RequestReader(TestServer.Parse(third)), server.Host, server.Services.GetRequiredService<ResponseStore>(), null).Conversation;
        Assert.Equal(expected.Messages.Select(Describe), actual.Messages.Select(Describe));
        using ModelLease<LanguageModel> lease = await server.Host.AcquireLanguageAsync(ScriptedServer.Thinker, cancellationToken: TestContext.Current.CancellationToken);
        ChatPrompt prompt = ChatService.Encode(lease, expected, TestContext.Current.CancellationToken);
        Assert.Equal(prompt.Tokens, ChatService.Encode(lease, actual, TestContext.Current.CancellationToken).Tokens);
        Assert.Equal(prompt.Tokens.Count, answer.GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    [Fact]
    public async Task History_IsTheSameWhetherItIsKeptOrSent()
    {
        JsonElement first = await server.AnswerAsync(ScriptedServer.Caller, Tools, "\"include\":[\"reasoning.encrypted_content\"]");
        JsonObject[] items = [.. JsonNode.Parse(first.GetProperty("output").GetRawText())!.AsArray().Select(item => item!.DeepClone().AsObject())];
        items[0].Remove("content");
        string result = $$"""{"type":"function_call_output","call_id":"{{items[2]["call_id"]}}","output":"sunny"}""";
        string sent = string.Join(',', [$$"""{"role":"user","content":"Weather in Paris, and 1 and 2?"}""", .. items.Select(item => item.ToJsonString()), result]);

        Assert.Equal(
            await ConversationAsync($"\"input\":[{result}],\"previous_response_id\":\"{IdOf(first)}\""),
            await ConversationAsync($"\"input\":[{sent}]"));
    }

    [Fact]
    public async Task References_AreTheItemsThatTheyName()
    {
        JsonElement first = await server.AnswerAsync(ScriptedServer.Caller, Tools);
        string references = string.Join(',', Items(first).Select((item, index) => index % 2 == 0 ? $"{{\"type\":\"item_reference\",\"id\":\"{IdOf(item)}\"}}" : $"{{\"id\":\"{IdOf(item)}\"}}"));

        Assert.Equal(
            await ConversationAsync($"\"input\":\"And?\",\"previous_response_id\":\"{IdOf(first)}\""),
            await ConversationAsync($"\"input\":[{{\"role\":\"user\",\"content\":\"Weather in Paris, and 1 and 2?\"}},{references},{{\"role\":\"user\",\"content\":\"And?\"}}]"));
        (int status, JsonElement body) = await server.PostAsync(Route, Request(ScriptedServer.Thinker, "\"input\":[{\"type\":\"item_reference\",\"id\":\"msg_0\"}]"));
        Assert.Equal((404, "input[0].id"), (status, Text(body.GetProperty("error"), "param")));
    }

    [Fact]
    public async Task Kept_UntilItIsDeleted()
    {
        JsonElement first = await server.AnswerAsync(ScriptedServer.Thinker);
        JsonElement second = await server.AnswerAsync(ScriptedServer.Thinker, $"\"previous_response_id\":\"{IdOf(first)}\"");
        (int found, JsonElement kept) = await server.SendAsync(HttpMethod.Get, $"/engines/llama.cpp/v1/responses/{IdOf(first)}?stream=false");

        (int deleted, JsonElement body) = await server.SendAsync(HttpMethod.Delete, $"{Route}/{IdOf(first)}");

        Assert.Equal((200, first.GetRawText()), (found, kept.GetRawText()));
        Assert.Equal((200, $"{{\"id\":\"{IdOf(first)}\",\"object\":\"response\",\"deleted\":true}}"), (deleted, body.GetRawText()));
        await AssertMissingAsync(IdOf(first));
        Assert.Equal((200, 4), await InputAsync(IdOf(second)));
        JsonElement third = await server.AnswerAsync(ScriptedServer.Thinker, $"\"previous_response_id\":\"{IdOf(second)}\"");
        Assert.Equal((200, 7), await InputAsync(IdOf(third)));
    }

    [Fact]
    public async Task StoreFalse_IsNeverKept()
    {
        JsonElement first = await server.AnswerAsync(ScriptedServer.Thinker);
        JsonElement body = await server.AnswerAsync(ScriptedServer.Thinker, "\"store\":false", $"\"previous_response_id\":\"{IdOf(first)}\"");
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Thinker, "\"store\":false");

        Assert.Equal(IdOf(first), Text(body, "previous_response_id"));
        await AssertMissingAsync(IdOf(body));
        await AssertMissingAsync(IdOf(events[^1].Data.GetProperty("response")));
    }

    [Fact]
    public async Task MissingResponses_AreToldAsSuch() => await AssertMissingAsync(Missing);

    [Fact]
    public async Task Cancelling_IsRefused()
    {
        JsonElement first = await server.AnswerAsync(ScriptedServer.Thinker);

        (int status, JsonElement body) = await server.PostAsync($"{Route}/{IdOf(first)}/cancel", "{}");

        Assert.Equal(400, status);
        Assert.Contains("Cannot cancel a synchronous response", Text(body.GetProperty("error"), "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InputItems_ComeInPages()
    {
        JsonElement first = await server.AnswerAsync(ScriptedServer.Thinker, "\"input\":[{\"role\":\"user\",\"id\":\"msg_1\",\"content\":\"one\"},{\"role\":\"developer\",\"content\":\"two\"}]");
        JsonElement second = await server.AnswerAsync(ScriptedServer.Thinker, "\"input\":\"three\"", $"\"previous_response_id\":\"{IdOf(first)}\"");
        string path = $"{Route}/{IdOf(second)}/input_items";

        (_, JsonElement all) = await server.SendAsync(HttpMethod.Get, path + "?order=asc");
        (_, JsonElement latest) = await server.SendAsync(HttpMethod.Get, path + "?limit=2");
        (_, JsonElement next) = await server.SendAsync(HttpMethod.Get, $"{path}?limit=2&order=desc&after={Text(latest, "last_id")}");

        JsonElement[] items = [.. all.GetProperty("data").EnumerateArray()];
        Assert.Equal(["message", "message", "reasoning", "message", "message"], items.Select(item => Text(item, "type")));
        Assert.Equal("""{"type":"message","id":"msg_1","status":"completed","role":"user","content":[{"type":"input_text","text":"one"}]}""", items[0].GetRawText());
        Assert.Equal(["user", "developer", null, "assistant", "user"], items.Select(item => Text(item, "role")));
        Assert.Equal(("list", false, IdOf(items[0]), IdOf(items[^1])), (Text(all, "object"), all.GetProperty("has_more").GetBoolean(), Text(all, "first_id"), Text(all, "last_id")));
        Assert.Equal(Items(first).Select(IdOf), items[2..4].Select(IdOf));
        Assert.Equal([IdOf(items[4]), IdOf(items[3])], latest.GetProperty("data").EnumerateArray().Select(IdOf));
        Assert.True(latest.GetProperty("has_more").GetBoolean());
        Assert.Equal([IdOf(items[2]), IdOf(items[1])], next.GetProperty("data").EnumerateArray().Select(IdOf));
        (_, JsonElement back) = await server.SendAsync(HttpMethod.Get, $"{path}?limit=2&order=asc&before={IdOf(items[3])}");
        Assert.Equal([IdOf(items[1]), IdOf(items[2])], back.GetProperty("data").EnumerateArray().Select(IdOf));
        Assert.True(back.GetProperty("has_more").GetBoolean());
    }

    [Theory]
    [InlineData("/input_items?limit=0", "limit")]
    [InlineData("/input_items?limit=101", "limit")]
    [InlineData("/input_items?order=up", "order")]
    [InlineData("/input_items?after=msg_0", "after")]
    [InlineData("/input_items?before=msg_0", "before")]
    [InlineData("/input_items?include[]=reasoning.encrypted_content", "include")]
    [InlineData("?stream=true", "stream")]
    [InlineData("?starting_after=1", "starting_after")]
    [InlineData("?include=message.output_text.logprobs", "include")]
    public async Task Queries_AreRefusedByName(string query, string parameter)
    {
        JsonElement first = await server.AnswerAsync(ScriptedServer.Thinker);

        (int status, JsonElement body) = await server.SendAsync(HttpMethod.Get, $"{Route}/{IdOf(first)}{query}");

        Assert.Equal((400, parameter), (status, Text(body.GetProperty("error"), "param")));
    }

    [Fact]
    public async Task Truncation_LetsTheOldestItemsGo()
    {
        string text = string.Concat(Enumerable.Repeat("word ", 1000));
        JsonElement first = await server.AnswerAsync(ScriptedServer.Thinker, $"\"input\":\"{text}\"");
        string request = Request(ScriptedServer.Thinker, $"\"input\":\"{text}\"", "\"instructions\":\"Be brief.\"", $"\"previous_response_id\":\"{IdOf(first)}\"");

        (int status, JsonElement refused) = await server.PostAsync(Route, request);
        (int taken, JsonElement body) = await server.PostAsync(Route, request[..^1] + ",\"truncation\":\"auto\"}");

        Assert.Equal((400, "context_length_exceeded"), (status, Text(refused.GetProperty("error"), "code")));
        Assert.Equal((200, "auto"), (taken, Text(body, "truncation")));
        (_, JsonElement alone) = await server.PostAsync(Route, Request(ScriptedServer.Thinker, $"\"input\":\"{text}\"", "\"instructions\":\"Be brief.\""));
        Assert.Equal(alone.GetProperty("usage").GetProperty("input_tokens").GetInt32(), body.GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    private async Task<IReadOnlyList<string>> ConversationAsync(string fields)
    {
        string request = Request(ScriptedServer.Thinker, Tools, fields);
        (int status, JsonElement body) = await server.PostAsync(Route, request);
        Assert.True(status == 200, body.GetRawText());
        Conversation conversation = ResponsePrompt.Read(new RequestReader(TestServer.Parse(request)), server.Host, server.Services.GetRequiredService<ResponseStore>(), null).Conversation;
        return [.. conversation.Messages.Select(Describe)];
    }

    private static string Describe(ChatMessage message) =>
        $"{message.Role}: {message.Reasoning} | {message.Content} | {string.Join(", ", message.ToolCalls)} | {message.ToolCallId} {message.ToolName}";

    private async Task<(int Status, int Count)> InputAsync(string id)
    {
        (int status, JsonElement body) = await server.SendAsync(HttpMethod.Get, $"{Route}/{id}/input_items");
        return (status, status == 200 ? body.GetProperty("data").GetArrayLength() : 0);
    }

    private async Task AssertMissingAsync(string id)
    {
        foreach ((HttpMethod method, string end) in ((HttpMethod, string)[])[(HttpMethod.Get, string.Empty), (HttpMethod.Delete, string.Empty), (HttpMethod.Get, "/input_items"), (HttpMethod.Post, "/cancel")])
        {
            (int missing, JsonElement error) = await server.SendAsync(method, $"{Route}/{id}{end}");
            Assert.Equal((404, "invalid_request_error"), (missing, Text(error.GetProperty("error"), "type")));
        }

        (int status, JsonElement body) = await server.PostAsync(Route, Request(ScriptedServer.Thinker, $"\"previous_response_id\":\"{id}\""));
        Assert.Equal((400, "previous_response_not_found", "previous_response_id"), (status, Text(body.GetProperty("error"), "code"), Text(body.GetProperty("error"), "param")));
    }
}
