using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Hearth.Server.Tests.Anthropic;

/// <summary>Valid requests with something changed: each is answered, or refused, and none breaks the server.</summary>
public sealed class ProtocolFuzzTests(GuideServer server)
{
    private const int Rounds = 150;

    private const string Messages =
        """
        {"model":"guide","max_tokens":2,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
        "messages":[{"role":"user","content":"1+2?"},
        {"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":""},{"type":"text","text":"I add."},{"type":"tool_use","id":"toolu_1","name":"add","input":{"a":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"3"}],"is_error":false}]}],
        "tools":[{"name":"add","description":"Adds","input_schema":{"type":"object","properties":{"a":{"type":"integer"}}}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true},
        "stop_sequences":["x"],"temperature":0,"top_p":0.5,"top_k":5,"thinking":{"type":"enabled","budget_tokens":1},"metadata":{"user_id":"a"},"stream":false}
        """;

    private const string Completion =
        """
        {"prompt":["a",[5,6],[7,"b"],{"prompt_string":"c","multimodal_data":[]}],"n_predict":2,"temperature":0.5,"top_k":5,"top_p":0.5,"min_p":0.1,"seed":1,"stop":["x"],"n_probs":2,"return_tokens":true,
        "logit_bias":[[5,1],[6,false]],"samplers":["top_k","temperature"],"response_fields":["content","timings/prompt_n"],"n_keep":1,"lora":[],"stream":false,"cache_prompt":true,"id_slot":0}
        """;

    private const string Infill = """{"input_prefix":"a","input_suffix":"b","input_extra":[{"filename":"c","text":"d"}],"prompt":"e","n_predict":2}""";
    private const string Tokenize = """{"content":["a",5],"add_special":true,"parse_special":true,"with_pieces":true}""";
    private const string Detokenize = """{"tokens":[5,6,7]}""";
    private const string Template = """{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"a","arguments":"{\"a\":\"\\ud800\"}"}},{"id":"2","function":{"name":"a","arguments":"{\"\\ud800\":1}"}}]}],"tools":[{"function":{"name":"a","parameters":{}}}]}""";
    private const string Embedding = """{"content":["a",[5,6]],"embd_normalize":2,"truncate":true}""";

    private const string Responses =
        """
        {"model":"guide","max_output_tokens":2,"instructions":"Be brief.","input":[{"role":"user","content":[{"type":"input_text","text":"1+2?"}]},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}],"content":[{"type":"reasoning_text","text":"Hm"}],"encrypted_content":"hearth.SG0"},
        {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"I add.","annotations":[],"logprobs":[]}]},
        {"type":"function_call","id":"fc_1","call_id":"call_1","name":"add","arguments":"{\"a\":1}","status":"completed"},{"type":"function_call_output","call_id":"call_1","output":[{"type":"input_text","text":"3"}]},
        {"type":"item_reference","id":"msg_2"}],"tools":[{"type":"function","name":"add","description":"Adds","parameters":{"type":"object"},"strict":false}],
        "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"add"}]},"parallel_tool_calls":true,"max_tool_calls":2,"metadata":{"a":"b"},"include":["message.output_text.logprobs"],
        "top_logprobs":2,"reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"text"},"verbosity":"medium"},"truncation":"auto","store":true,"stream":false,"temperature":0,"top_p":0.5,
        "user":"a","service_tier":"auto","previous_response_id":null,"background":false}
        """;

    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "-1", "1", "3", "1e999", "-0.0", "1.5", "99999999999999999999", "4294967295", "\"\"", "\"a\"", "\"\\ud800\"", "\"\\u0000\"", "\"guide\"", "\"text\"", "\"tool_use\"",
        "[]", "{}", "[[]]", "[null]", "[{}]", "[1]", "[\"a\"]", "{\"a\":1,\"a\":2}", "{\"type\":\"text\"}", "{\"\\ud800\":\"\\ud800\"}", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
    ];

    [Theory]
    [InlineData("/v1/messages", Messages, 1)]
    [InlineData("/v1/messages/count_tokens", Messages, 2)]
    [InlineData("/completion", Completion, 3)]
    [InlineData("/infill", Infill, 4)]
    [InlineData("/tokenize", Tokenize, 5)]
    [InlineData("/detokenize", Detokenize, 6)]
    [InlineData("/apply-template", Template, 7)]
    [InlineData("/embedding", Embedding, 8)]
    [InlineData("/v1/responses", Responses, 9)]
    public async Task ChangedRequests_AreAnsweredOrRefused(string path, string valid, int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < Rounds; round++)
        {
            string request = Change(valid, random);
            using StringContent content = new(request, Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await server.Client.PostAsync(path, content, TestContext.Current.CancellationToken);
            string answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

            // Not for every model: that is the one answer above 499.
            bool isFine = (int)response.StatusCode < 500 || (response.StatusCode == HttpStatusCode.NotImplemented && path == "/infill");
            Assert.True(isFine && !answer.Contains("server_error", StringComparison.Ordinal) && !answer.Contains("api_error", StringComparison.Ordinal), $"Round {round}: {request}\n{(int)response.StatusCode} {answer}");
        }
    }

    private static string Change(string valid, Random random)
    {
        JsonNode root = JsonNode.Parse(valid)!;
        string text = valid;
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            JsonNode[] places = [.. Places(root).Where(place => place.Parent is not null)];
            if (places.Length == 0)
            {
                return text;
            }

            JsonNode place = places[random.Next(places.Length)];
            string mark = $"@{random.Next()}@";
            if (place.Parent is JsonObject parent)
            {
                string name = place.GetPropertyName();
                if (random.Next(4) == 0)
                {
                    parent.Remove(name);
                    text = root.ToJsonString();
                    continue;
                }

                parent[name] = mark;
            }
            else
            {
                place.Parent!.AsArray()[place.GetElementIndex()] = mark;
            }

            // Not every value is one that JSON nodes can hold.
            text = root.ToJsonString().Replace($"\"{mark}\"", s_values[random.Next(s_values.Length)], StringComparison.Ordinal);
            try
            {
                root = JsonNode.Parse(text)!;
                _ = root.ToJsonString();
                _ = Places(root).Count();
            }
            catch (Exception exception) when (exception is System.Text.Json.JsonException or InvalidOperationException or ArgumentException)
            {
                return text;
            }
        }

        return random.Next(20) == 0 ? text[..random.Next(text.Length)] : text;
    }

    private static IEnumerable<JsonNode> Places(JsonNode? node) => node switch
    {
        JsonObject inner => inner.SelectMany(property => Places(property.Value)).Prepend(node),
        JsonArray items => items.SelectMany(Places).Prepend(node),
        null => [],
        _ => [node],
    };
}
