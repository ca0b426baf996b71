using System.Text;
using System.Text.Json;
using Hearth.Server.Tests.Chat;
using static Hearth.Server.Tests.OpenAi.Responses.ResponseClient;

namespace Hearth.Server.Tests.OpenAi.Responses;

/// <summary>Whole responses, with models that say what the test needs.</summary>
public sealed class ResponsesTests(ScriptedServer server) : IClassFixture<ScriptedServer>
{
    private static readonly string[] s_schema = ["\"yes\"", "\"no\""];

    [Theory]
    [InlineData("/v1/responses")]
    [InlineData("/responses")]
    [InlineData("/openai/v1/responses")]
    [InlineData("/engines/responses")]
    [InlineData("/engines/v1/responses")]
    [InlineData("/engines/llama.cpp/responses")]
    [InlineData("/engines/llama.cpp/v1/responses")]
    public async Task Answer_HasThoughtTextAndCalls(string path)
    {
        (int status, JsonElement body) = await server.PostAsync(path, Request(ScriptedServer.Caller, Tools));

        Assert.True(status == 200, body.GetRawText());
        Assert.Equal(("response", "completed", ScriptedServer.Caller), (Text(body, "object"), Text(body, "status"), Text(body, "model")));
        Assert.StartsWith("resp_", IdOf(body), StringComparison.Ordinal);
        Assert.True(body.GetProperty("completed_at").GetInt64() >= body.GetProperty("created_at").GetInt64());
        JsonElement[] output = Items(body);
        Assert.Equal(["reasoning", "message", "function_call", "function_call"], output.Select(item => Text(item, "type")));
        Assert.All(output, item => Assert.Equal("completed", Text(item, "status")));
        Assert.Equal(["rs_", "msg_", "fc_", "fc_"], output.Select(item => IdOf(item)[..(IdOf(item).IndexOf('_') + 1)]));
        Assert.Equal(0, output[0].GetProperty("summary").GetArrayLength());
        Assert.Equal($$"""[{"type":"reasoning_text","text":"{{ScriptedServer.Thought}}"}]""", output[0].GetProperty("content").GetRawText());
        Assert.Equal("assistant", Text(output[1], "role"));
        Assert.Equal($$"""[{"type":"output_text","annotations":[],"logprobs":[],"text":"{{ScriptedServer.Text}}"}]""", output[1].GetProperty("content").GetRawText());
        Assert.Equal(("get_weather", """{"city": "Paris", "days": 3}"""), (Text(output[2], "name"), Text(output[2], "arguments")));
        Assert.Equal(("add", """{"a": 1}"""), (Text(output[3], "name"), Text(output[3], "arguments")));
        Assert.All(output[2..], call => Assert.StartsWith("call_", Text(call, "call_id"), StringComparison.Ordinal));
        Assert.NotEqual(Text(output[2], "call_id"), Text(output[3], "call_id"));
        JsonElement usage = body.GetProperty("usage");
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("output_tokens").GetInt32());
        Assert.InRange(usage.GetProperty("output_tokens_details").GetProperty("reasoning_tokens").GetInt32(), 3, usage.GetProperty("output_tokens").GetInt32() / 2);
        Assert.True(usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32() >= 0);
    }

    [Fact]
    public async Task Answer_ShowsWhatTheRequestSaid()
    {
        JsonElement body = await server.AnswerAsync(
            ScriptedServer.Thinker,
            Tools,
            """
            "instructions":"Be brief.","max_output_tokens":100,"max_tool_calls":3,"metadata":{"a":"b"},"parallel_tool_calls":false,"prompt_cache_key":"key","safety_identifier":"me","user":"I","top_p":0.5,
            "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"add"}]},"truncation":"auto","service_tier":"auto","store":false,"background":false,
            "reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"text"},"verbosity":"medium"},"include":["message.output_text.logprobs"],"top_logprobs":2
            """);

        Assert.Equal(("Be brief.", "key", "me", "I", "auto", "default"), (Text(body, "instructions"), Text(body, "prompt_cache_key"), Text(body, "safety_identifier"), Text(body, "user"), Text(body, "truncation"), Text(body, "service_tier")));
        Assert.Equal((100, 3, 2), (body.GetProperty("max_output_tokens").GetInt32(), body.GetProperty("max_tool_calls").GetInt32(), body.GetProperty("top_logprobs").GetInt32()));
        Assert.Equal((0, 0.5), (body.GetProperty("temperature").GetDouble(), body.GetProperty("top_p").GetDouble()));
        Assert.Equal((false, false, false), (body.GetProperty("parallel_tool_calls").GetBoolean(), body.GetProperty("store").GetBoolean(), body.GetProperty("background").GetBoolean()));
        Assert.Equal("""{"a":"b"}""", body.GetProperty("metadata").GetRawText());
        Assert.Equal("""{"effort":"low","summary":"auto"}""", body.GetProperty("reasoning").GetRawText());
        Assert.Equal("""{"format":{"type":"text"},"verbosity":"medium"}""", body.GetProperty("text").GetRawText());
        Assert.Equal("allowed_tools", Text(body.GetProperty("tool_choice"), "type"));
        JsonElement[] tools = [.. body.GetProperty("tools").EnumerateArray()];
        Assert.Equal(["get_weather", "add"], tools.Select(tool => Text(tool, "name")));
        Assert.Equal("""{"type":"function","name":"add","description":null,"parameters":{"type":"object","properties":{"a":{"type":"integer"}}},"strict":false}""", tools[1].GetRawText());
        Assert.All((string[])["error", "incomplete_details", "previous_response_id"], name => Assert.Equal(JsonValueKind.Null, body.GetProperty(name).ValueKind));
    }

    [Fact]
    public async Task Answer_ShowsDefaultsWhereTheRequestSaysNothing()
    {
        JsonElement body = await server.AnswerAsync(ScriptedServer.Thinker);

        Assert.Equal(("auto", "disabled"), (Text(body, "tool_choice"), Text(body, "truncation")));
        Assert.Equal(("{}", "[]", """{"effort":null,"summary":null}"""), (body.GetProperty("metadata").GetRawText(), body.GetProperty("tools").GetRawText(), body.GetProperty("reasoning").GetRawText()));
        Assert.Equal((true, true), (body.GetProperty("store").GetBoolean(), body.GetProperty("parallel_tool_calls").GetBoolean()));
    }

    [Fact]
    public async Task Limit_MakesItIncomplete()
    {
        JsonElement body = await server.AnswerAsync(ScriptedServer.Thinker, "\"max_output_tokens\":3");

        Assert.Equal(("incomplete", "max_output_tokens"), (Text(body, "status"), Text(body.GetProperty("incomplete_details"), "reason")));
        Assert.Equal(JsonValueKind.Null, body.GetProperty("completed_at").ValueKind);
        Assert.Equal("incomplete", Text(Assert.Single(Items(body)), "status"));
        Assert.Equal(3, body.GetProperty("usage").GetProperty("output_tokens").GetInt32());
    }

    [Fact]
    public async Task LogProbabilities_AreThoseOfTheText()
    {
        JsonElement body = await server.AnswerAsync(ScriptedServer.Thinker, "\"include\":[\"message.output_text.logprobs\"],\"top_logprobs\":2");

        JsonElement[] tokens = [.. Items(body)[1].GetProperty("content")[0].GetProperty("logprobs").EnumerateArray()];
        Assert.Equal(ScriptedServer.Text, Encoding.UTF8.GetString([.. tokens.SelectMany(token => token.GetProperty("bytes").EnumerateArray()).Select(value => value.GetByte())]).Trim());
        Assert.All(tokens, token => Assert.Equal(2, token.GetProperty("top_logprobs").GetArrayLength()));
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("detailed")]
    public async Task Summary_IsTheWholeThought(string summary)
    {
        JsonElement thought = Items(await server.AnswerAsync(ScriptedServer.Thinker, $"\"reasoning\":{{\"summary\":\"{summary}\"}}"))[0];

        Assert.Equal($$"""[{"type":"summary_text","text":"{{ScriptedServer.Thought}}"}]""", thought.GetProperty("summary").GetRawText());
        Assert.False(thought.TryGetProperty("content", out _));
    }

    [Fact]
    public async Task OpaqueReasoning_ComesWhereAskedFor()
    {
        JsonElement asked = Items(await server.AnswerAsync(ScriptedServer.Thinker, "\"include\":[\"reasoning.encrypted_content\"]"))[0];
        JsonElement other = Items(await server.AnswerAsync(ScriptedServer.Thinker))[0];

        Assert.Equal(ScriptedServer.Thought, Server.OpenAi.Responses.OpaqueReasoning.Read(Text(asked, "encrypted_content")!));
        Assert.False(other.TryGetProperty("encrypted_content", out _));
    }

    [Theory]
    [InlineData("\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"answer\",\"strict\":true,\"schema\":{\"enum\":[\"yes\",\"no\"]}}}")]
    [InlineData("\"json_schema\":{\"enum\":[\"yes\",\"no\"]}")]
    [InlineData("\"grammar\":\"root ::= [\\\"] (\\\"yes\\\" | \\\"no\\\") [\\\"]\"")]
    public async Task Format_IsFollowed(string fields)
    {
        JsonElement message = Assert.Single(Items(await server.AnswerAsync(ScriptedServer.Broken, fields)));

        Assert.Contains(Text(message.GetProperty("content")[0], "text"), s_schema);
    }

    [Fact]
    public async Task JsonObject_IsOne()
    {
        JsonElement body = await server.AnswerAsync(ScriptedServer.Broken, "\"text\":{\"format\":{\"type\":\"json_object\"}},\"max_output_tokens\":400,\"repeat_penalty\":1.5");

        Assert.StartsWith("{", Text(Items(body)[0].GetProperty("content")[0], "text"), StringComparison.Ordinal);
        Assert.Equal("""{"format":{"type":"json_object"},"verbosity":"medium"}""", body.GetProperty("text").GetRawText());
    }

    [Fact]
    public async Task NoParallelCalls_TheFirstCallIsTheOnlyOne()
    {
        JsonElement[] output = Items(await server.AnswerAsync(ScriptedServer.Caller, Tools, "\"parallel_tool_calls\":false"));

        Assert.Equal("get_weather", Text(Assert.Single(output, item => Text(item, "type") == "function_call"), "name"));
    }

    [Fact]
    public async Task ChoiceNone_CallsAreNotLookedFor()
    {
        JsonElement[] output = Items(await server.AnswerAsync(ScriptedServer.Caller, Tools, "\"tool_choice\":\"none\""));

        Assert.DoesNotContain(output, item => Text(item, "type") == "function_call");
    }

    [Fact]
    public async Task AllowedTools_AreTheOnlyOnesThatTheModelIsToldOf()
    {
        const string Add = "\"tools\":[{\"type\":\"function\",\"name\":\"add\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}}]";

        int allowed = await CountAsync(Tools, "\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"name\":\"add\"}]}");

        Assert.Equal(await CountAsync(Add), allowed);
        Assert.NotEqual(await CountAsync(Tools), allowed);
    }

    [Theory]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":\"1+2?\"}]")]
    [InlineData("\"input\":[{\"type\":\"message\",\"id\":\"msg_1\",\"status\":\"completed\",\"role\":\"developer\",\"content\":[{\"type\":\"input_text\",\"text\":\"a\",\"prompt_cache_breakpoint\":{}}]},{\"role\":\"user\",\"content\":\"b\"}]")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"phase\":\"final_answer\",\"content\":[{\"type\":\"output_text\",\"text\":\"b\",\"annotations\":[],\"logprobs\":[],\"parsed\":null},{\"type\":\"refusal\",\"refusal\":\"c\"}]},{\"role\":\"user\",\"content\":\"d\"}]")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":\"a\"},{\"type\":\"function_call\",\"call_id\":\"1\",\"name\":\"add\",\"arguments\":\"{}\",\"parsed_arguments\":null},{\"type\":\"function_call_output\",\"call_id\":\"1\",\"output\":[{\"type\":\"input_text\",\"text\":\"3\"}]}]")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":\"a\"},{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"Hm\"}],\"encrypted_content\":null}]")]
    [InlineData("\"include\":[],\"stream\":false,\"stream_options\":null,\"conversation\":null,\"prompt\":null,\"moderation\":null,\"context_management\":[]")]
    [InlineData("\"prompt_cache_retention\":\"in_memory\",\"reasoning\":{\"effort\":\"none\",\"context\":\"auto\",\"mode\":\"standard\",\"generate_summary\":\"auto\"}")]
    [InlineData("\"top_k\":5,\"seed\":1,\"stop\":[\"x\"],\"keep_alive\":\"5m\",\"timeout\":60,\"context_shift\":false,\"n_keep\":1,\"lora\":[],\"chat_template_kwargs\":{\"a\":1}")]
    public async Task Fields_AreTaken(string fields)
    {
        JsonElement body = await server.AnswerAsync(ScriptedServer.Thinker, fields);

        Assert.Equal("completed", Text(body, "status"));
    }

    private async Task<int> CountAsync(params string[] fields)
    {
        string request = Request(ScriptedServer.Caller, fields).Replace(",\"temperature\":0", string.Empty, StringComparison.Ordinal);
        (int status, JsonElement body) = await server.PostAsync(Route + "/input_tokens", request);
        Assert.True(status == 200, body.GetRawText());
        Assert.Equal("response.input_tokens", Text(body, "object"));
        return body.GetProperty("input_tokens").GetInt32();
    }
}
