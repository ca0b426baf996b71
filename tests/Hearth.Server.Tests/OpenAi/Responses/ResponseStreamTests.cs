using System.Text.Json;
using Hearth.Server.Tests.Chat;
using static Hearth.Server.Tests.OpenAi.Responses.ResponseClient;

namespace Hearth.Server.Tests.OpenAi.Responses;

/// <summary>The events of streams and their order.</summary>
public sealed class ResponseStreamTests(ScriptedServer server) : IClassFixture<ScriptedServer>
{
    private static readonly string[] s_begin = ["response.created", "response.in_progress"];

    private static readonly string[] s_thought =
        ["response.output_item.added", "response.content_part.added", "response.reasoning_text.delta", "response.reasoning_text.done", "response.content_part.done", "response.output_item.done"];

    private static readonly string[] s_text =
        ["response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done", "response.content_part.done", "response.output_item.done"];

    private static readonly string[] s_call =
        ["response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done"];

    [Fact]
    public async Task ThoughtTextAndCalls_ComeInOrder()
    {
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Caller, Tools);

        Assert.Equal([.. s_begin, .. s_thought, .. s_text, .. s_call, .. s_call, "response.completed"], Order(events));
        Assert.All(events[..2], happened => Assert.Equal(("in_progress", 0), (Text(happened.Data.GetProperty("response"), "status"), Items(happened.Data.GetProperty("response")).Length)));
        JsonElement[] added = [.. Of(events, "response.output_item.added").Select(data => data.GetProperty("item"))];
        Assert.All(added, item => Assert.Equal("in_progress", Text(item, "status")));
        Assert.Equal("[]", added[0].GetProperty("summary").GetRawText());
        Assert.Equal("[]", added[1].GetProperty("content").GetRawText());
        Assert.Equal(["get_weather", "add"], added[2..].Select(item => Text(item, "name")));
        Assert.All(added[2..], item => Assert.Equal(string.Empty, Text(item, "arguments")));
        Assert.Equal("""{"type":"reasoning_text","text":""}""", Of(events, "response.content_part.added")[0].GetProperty("part").GetRawText());
        Assert.Equal("""{"type":"output_text","annotations":[],"logprobs":[],"text":""}""", Of(events, "response.content_part.added")[1].GetProperty("part").GetRawText());

        Assert.Equal(ScriptedServer.Thought, string.Concat(Of(events, "response.reasoning_text.delta").Select(data => Text(data, "delta"))));
        Assert.Equal(ScriptedServer.Text, string.Concat(Of(events, "response.output_text.delta").Select(data => Text(data, "delta"))));
        Assert.Equal("""{"city": "Paris", "days": 3}""", string.Concat(Of(events, "response.function_call_arguments.delta").Where(data => Index(data) == 2).Select(data => Text(data, "delta"))));
        Assert.True(Of(events, "response.function_call_arguments.delta").Count(data => Index(data) == 2) > 3, "The arguments come while they are written.");
        Assert.Equal(ScriptedServer.Thought, Text(Assert.Single(Of(events, "response.reasoning_text.done")), "text"));
        Assert.Equal(ScriptedServer.Text, Text(Assert.Single(Of(events, "response.output_text.done")), "text"));
        JsonElement[] arguments = [.. Of(events, "response.function_call_arguments.done")];
        Assert.Equal(["""{"city": "Paris", "days": 3}""", """{"a": 1}"""], arguments.Select(data => Text(data, "arguments")));
        Assert.Equal(["get_weather", "add"], arguments.Select(data => Text(data, "name")));
    }

    [Fact]
    public async Task Events_NameTheirItem()
    {
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Caller, Tools);

        string[] ids = [.. Items(events[^1].Data.GetProperty("response")).Select(IdOf)];
        Assert.Equal(ids, Of(events, "response.output_item.added").Select(data => IdOf(data.GetProperty("item"))));
        foreach ((string name, JsonElement data) in events.Skip(2).SkipLast(1))
        {
            string id = data.TryGetProperty("item", out JsonElement item) ? IdOf(item) : Text(data, "item_id")!;
            Assert.Equal(ids[Index(data)], id);
            Assert.Equal(name.Contains("content_part", StringComparison.Ordinal) || name.Contains("_text.", StringComparison.Ordinal), data.TryGetProperty("content_index", out _));
        }
    }

    [Fact]
    public async Task LastEvent_HasTheWholeResponse()
    {
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Caller, Tools);
        JsonElement last = events[^1].Data.GetProperty("response");

        Assert.Equal(Of(events, "response.output_item.done").Select(data => data.GetProperty("item").GetRawText()), Items(last).Select(item => item.GetRawText()));
        Assert.True(last.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 20);
        (int status, JsonElement kept) = await server.SendAsync(HttpMethod.Get, $"{Route}/{IdOf(last)}");
        Assert.Equal((200, last.GetRawText()), (status, kept.GetRawText()));
    }

    [Fact]
    public async Task Text_WithoutThoughtOrTools()
    {
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Broken);

        Assert.Equal([.. s_begin, .. s_text, "response.completed"], Order(events));
        string? text = Text(Assert.Single(Of(events, "response.output_text.done")), "text");
        Assert.Contains("get_weather", text, StringComparison.Ordinal);
        Assert.Equal(text, string.Concat(Of(events, "response.output_text.delta").Select(data => Text(data, "delta"))));
    }

    [Fact]
    public async Task Summary_HasEventsOfItsOwn()
    {
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Thinker, "\"reasoning\":{\"summary\":\"auto\"}");

        string[] summary =
        [
            "response.output_item.added", "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done", "response.output_item.done",
        ];
        Assert.Equal([.. s_begin, .. summary, .. s_text, "response.completed"], Order(events));
        Assert.All(Of(events, "response.reasoning_summary_text.delta"), data => Assert.Equal(0, data.GetProperty("summary_index").GetInt32()));
        Assert.Equal(ScriptedServer.Thought, Text(Assert.Single(Of(events, "response.reasoning_summary_text.done")), "text"));
    }

    [Fact]
    public async Task LogProbabilities_ComeWithTheText()
    {
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Thinker, "\"include\":[\"message.output_text.logprobs\"]");

        int pieces = Of(events, "response.output_text.delta").Sum(data => data.GetProperty("logprobs").GetArrayLength());
        JsonElement done = Assert.Single(Of(events, "response.output_text.done"));
        Assert.Equal(done.GetProperty("logprobs").GetArrayLength(), pieces);
        Assert.True(pieces > 0);
    }

    [Fact]
    public async Task Limit_EndsWithIncomplete()
    {
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Broken, "\"max_output_tokens\":3");

        Assert.Equal([.. s_begin, .. s_text, "response.incomplete"], Order(events));
        JsonElement last = events[^1].Data.GetProperty("response");
        Assert.Equal(("incomplete", "max_output_tokens"), (Text(last, "status"), Text(last.GetProperty("incomplete_details"), "reason")));
        Assert.Equal("incomplete", Text(Assert.Single(Items(last)), "status"));
    }

    [Fact]
    public async Task LimitWithinACall_LeavesItIncomplete()
    {
        int tokens = (await server.AnswerAsync(ScriptedServer.Caller, Tools)).GetProperty("usage").GetProperty("output_tokens").GetInt32();

        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Caller, Tools, $"\"max_output_tokens\":{tokens - 3}");

        Assert.Equal("response.incomplete", events[^1].Name);
        JsonElement call = Items(events[^1].Data.GetProperty("response")).First(item => Text(item, "type") == "function_call");
        Assert.Equal(Text(Of(events, "response.function_call_arguments.done")[0], "arguments"), Text(call, "arguments"));
        Assert.Equal("incomplete", Text(Items(events[^1].Data.GetProperty("response"))[^1], "status"));
    }

    [Fact]
    public async Task TimeLimit_IsAnErrorAndAFailedResponse()
    {
        List<(string Name, JsonElement Data)> events = await server.EventsAsync(ScriptedServer.Thinker, "\"ignore_eos\":true,\"max_output_tokens\":1000000,\"context_shift\":true,\"timeout\":0.3");

        Assert.Equal(["error", "response.failed"], events[^2..].Select(happened => happened.Name));
        Assert.Equal(("timeout", "timeout"), (Text(events[^2].Data, "code"), Text(events[^2].Data, "param")));
        JsonElement failed = events[^1].Data.GetProperty("response");
        Assert.Equal(("failed", "server_error", Text(events[^2].Data, "message")), (Text(failed, "status"), Text(failed.GetProperty("error"), "code"), Text(failed.GetProperty("error"), "message")));
        (int status, JsonElement kept) = await server.SendAsync(HttpMethod.Get, $"{Route}/{IdOf(failed)}");
        Assert.Equal((200, "failed"), (status, Text(kept, "status")));
    }

    [Fact]
    public async Task RefusedRequest_IsNoStream()
    {
        (int status, JsonElement body) = await server.PostAsync(Route, Request(ScriptedServer.Thinker, "\"stream\":true", "\"input\":\"" + string.Concat(Enumerable.Repeat("word ", 20_000)) + "\""));

        Assert.Equal((400, "context_length_exceeded", "input"), (status, Text(body.GetProperty("error"), "code"), Text(body.GetProperty("error"), "param")));
    }

    // Pieces of a text are one entry.
    private static List<string> Order(List<(string Name, JsonElement Data)> events)
    {
        List<string> order = [];
        foreach ((string name, _) in events)
        {
            if (!name.EndsWith(".delta", StringComparison.Ordinal) || order[^1] != name)
            {
                order.Add(name);
            }
        }

        return order;
    }

    private static List<JsonElement> Of(List<(string Name, JsonElement Data)> events, string name) => [.. events.Where(happened => happened.Name == name).Select(happened => happened.Data)];

    private static int Index(JsonElement data) => data.GetProperty("output_index").GetInt32();
}
