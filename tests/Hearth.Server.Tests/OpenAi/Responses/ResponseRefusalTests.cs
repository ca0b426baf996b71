using System.Text.Json;
using Hearth.Server.Tests.Chat;
using static Hearth.Server.Tests.OpenAi.Responses.ResponseClient;

namespace Hearth.Server.Tests.OpenAi.Responses;

/// <summary>What is not supported, or wrong, is refused by name.</summary>
public sealed class ResponseRefusalTests(ScriptedServer server) : IClassFixture<ScriptedServer>
{
    [Theory]
    [InlineData("\"background\":true", "background")]
    [InlineData("\"conversation\":\"conv_1\"", "conversation")]
    [InlineData("\"prompt\":{\"id\":\"pmpt_1\"}", "prompt")]
    [InlineData("\"moderation\":{\"model\":\"a\"}", "moderation")]
    [InlineData("\"context_management\":[{\"type\":\"compaction\"}]", "context_management")]
    [InlineData("\"service_tier\":\"flex\"", "service_tier")]
    [InlineData("\"prompt_cache_retention\":\"24h\"", "prompt_cache_retention")]
    [InlineData("\"prompt_cache_options\":{\"mode\":\"explicit\"}", "prompt_cache_options")]
    [InlineData("\"reasoning\":{\"summary\":\"concise\"}", "reasoning.summary")]
    [InlineData("\"reasoning\":{\"context\":\"all_turns\"}", "reasoning.context")]
    [InlineData("\"reasoning\":{\"mode\":\"pro\"}", "reasoning.mode")]
    [InlineData("\"reasoning\":{\"other\":1}", "reasoning.other")]
    [InlineData("\"text\":{\"verbosity\":\"low\"}", "text.verbosity")]
    [InlineData("\"text\":{\"other\":1}", "text.other")]
    [InlineData("\"include\":[\"web_search_call.results\"]", "include")]
    [InlineData("\"stream\":true,\"stream_options\":{\"include_obfuscation\":true}", "stream_options.include_obfuscation")]
    [InlineData("\"stream\":true,\"stream_options\":{\"include_usage\":true}", "stream_options.include_usage")]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"a\",\"defer_loading\":true}]", "tools[0].defer_loading")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"a\",\"allowed_callers\":[\"programmatic\"]}]", "tools[0].allowed_callers")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"a\",\"output_schema\":{\"type\":\"object\"}}]", "tools[0].output_schema")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"a\"}],\"tool_choice\":{\"type\":\"file_search\"}", "tool_choice.type")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"http://a\"}]}]", "input[0].content[0].type")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"a\"},{\"type\":\"input_file\",\"file_id\":\"a\"}]}]", "input[0].content[1].type")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"refusal\",\"refusal\":\"a\"}]}]", "input[0].content[0].type")]
    [InlineData("\"input\":[{\"type\":\"web_search_call\",\"id\":\"ws_1\"}]", "input[0].type")]
    [InlineData("\"input\":[{\"type\":\"function_call\",\"call_id\":\"1\",\"name\":\"a\",\"arguments\":\"{}\",\"namespace\":\"b\"}]", "input[0].namespace")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":\"a\",\"other\":1}]", "input[0].other")]
    [InlineData("\"max_tokens\":5", "max_tokens")]
    [InlineData("\"messages\":[]", "messages")]
    [InlineData("\"n\":1", "n")]
    [InlineData("\"truncate\":true", "truncate")]
    [InlineData("\"response_format\":{\"type\":\"text\"}", "response_format")]
    public async Task NotSupported_IsRefusedByName(string fields, string parameter)
    {
        (int status, JsonElement body) = await server.PostAsync(Route, Request(ScriptedServer.Thinker, fields));

        Assert.Equal((400, "unsupported_parameter", parameter), (status, Text(body.GetProperty("error"), "code"), Text(body.GetProperty("error"), "param")));
    }

    [Theory]
    [InlineData("\"input\":[]", "input")]
    [InlineData("\"input\":null", "input")]
    [InlineData("\"input\":5", "input")]
    [InlineData("\"input\":[5]", "input[0]")]
    [InlineData("\"input\":[{}]", "input[0].type")]
    [InlineData("\"input\":[{\"role\":\"tool\",\"content\":\"a\"}]", "input[0].role")]
    [InlineData("\"input\":[{\"type\":\"message\",\"content\":\"a\"}]", "input[0].role")]
    [InlineData("\"input\":[{\"role\":\"user\"}]", "input[0].content")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":5}]", "input[0].content")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\"}]}]", "input[0].content[0].text")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":\"a\",\"status\":\"odd\"}]", "input[0].status")]
    [InlineData("\"input\":[{\"type\":\"function_call\",\"name\":\"a\",\"arguments\":\"{}\"}]", "input[0].call_id")]
    [InlineData("\"input\":[{\"type\":\"function_call\",\"call_id\":\"1\",\"arguments\":\"{}\"}]", "input[0].name")]
    [InlineData("\"input\":[{\"type\":\"function_call\",\"call_id\":\"1\",\"name\":\"a\"}]", "input[0].arguments")]
    [InlineData("\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"1\"}]", "input[0].output")]
    [InlineData("\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"1\",\"output\":\"a\"}]", "input")]
    [InlineData("\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"1\",\"output\":5}]", "input[0].output")]
    [InlineData("\"input\":[{\"type\":\"item_reference\"}]", "input[0].id")]
    [InlineData("\"input\":[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"other\",\"text\":\"a\"}]}]", "input[0].summary[0].type")]
    [InlineData("\"input\":[{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"gAAAAAB\"}]", "input[0].encrypted_content")]
    [InlineData("\"instructions\":5", "instructions")]
    [InlineData("\"max_output_tokens\":0", "max_output_tokens")]
    [InlineData("\"max_tool_calls\":0", "max_tool_calls")]
    [InlineData("\"temperature\":-1", "temperature")]
    [InlineData("\"top_logprobs\":2", "top_logprobs")]
    [InlineData("\"top_logprobs\":21,\"include\":[\"message.output_text.logprobs\"]", "top_logprobs")]
    [InlineData("\"truncation\":\"some\"", "truncation")]
    [InlineData("\"store\":1", "store")]
    [InlineData("\"stream_options\":{}", "stream_options")]
    [InlineData("\"metadata\":{\"a\":1}", "metadata")]
    [InlineData("\"metadata\":[]", "metadata")]
    [InlineData("\"reasoning\":{\"effort\":\"huge\"}", "reasoning.effort")]
    [InlineData("\"text\":{\"format\":{\"type\":\"xml\"}}", "text.format")]
    [InlineData("\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"a\"}}", "text.format")]
    [InlineData("\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"a\",\"schema\":{\"type\":\"odd\"}}}", "text.format")]
    [InlineData("\"tool_choice\":\"sometimes\"", "tool_choice")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tool_choice\":{\"name\":\"a\"}", "tool_choice.type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"a\"}],\"tool_choice\":{\"type\":\"function\",\"name\":\"b\"}", "tool_choice")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"a\"}],\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"none\",\"tools\":[{\"type\":\"function\",\"name\":\"a\"}]}", "tool_choice.mode")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"a\"}],\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"auto\",\"tools\":[]}", "tool_choice.tools")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"a\"}],\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"name\":\"b\"}]}", "tool_choice.tools[0].name")]
    public async Task Wrong_IsRefusedByName(string fields, string parameter)
    {
        (int status, JsonElement body) = await server.PostAsync(Route, Request(ScriptedServer.Thinker, fields));

        Assert.Equal((400, parameter), (status, Text(body.GetProperty("error"), "param")));
        Assert.Equal("invalid_request_error", Text(body.GetProperty("error"), "type"));
    }

    [Fact]
    public async Task MissingInput_IsRefused()
    {
        (int status, JsonElement body) = await server.PostAsync(Route, $"{{\"model\":\"{ScriptedServer.Thinker}\"}}");

        Assert.Equal((400, "missing_required_parameter", "input"), (status, Text(body.GetProperty("error"), "code"), Text(body.GetProperty("error"), "param")));
    }

    [Fact]
    public async Task CountOfTokens_TakesNoSampling()
    {
        (int status, JsonElement body) = await server.PostAsync(Route + "/input_tokens", Request(ScriptedServer.Thinker));

        Assert.Equal((400, "temperature"), (status, Text(body.GetProperty("error"), "param")));
    }
}
