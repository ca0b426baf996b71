using System.Text.Json;

namespace Hearth.Server.Tests.LlamaServer;

/// <summary>llama-server's own completion, with the built-in model.</summary>
public sealed class NativeCompletionTests(GuideServer server)
{
    private const string Path = "/completion";
    private const string Prompt = "\"prompt\":\"What is Hearth?\",\"temperature\":0";

    [Fact]
    public async Task Answer_HasTextCountsSettingsAndTimes()
    {
        JsonElement body = await AnswerAsync("\"n_predict\":8,\"ignore_eos\":true,\"n_keep\":2,\"seed\":7,\"min_p\":0.25,\"samplers\":[\"top_k\",\"temperature\"],\"stop\":[\"@@\"],\"logit_bias\":[[5,-1.5],[6,false]]");

        int prompt = server.Model.Tokenizer.Encode("What is Hearth?", addSpecial: true, parseSpecial: true).Count;
        Assert.Equal((0, true, "guide", false), (body.GetProperty("index").GetInt32(), body.GetProperty("stop").GetBoolean(), Text(body, "model"), body.GetProperty("truncated").GetBoolean()));
        Assert.NotEmpty(Text(body, "content")!);
        Assert.Equal((prompt, 8, prompt + 8), (Number(body, "tokens_evaluated"), Number(body, "tokens_predicted"), Number(body, "tokens_cached")));
        Assert.Equal(("limit", ""), (Text(body, "stop_type"), Text(body, "stopping_word")));
        Assert.Equal(Text(body, "content")!.Contains('\n', StringComparison.Ordinal), body.GetProperty("has_new_line").GetBoolean());
        Assert.EndsWith("What is Hearth?", Text(body, "prompt"), StringComparison.Ordinal);
        Assert.Empty(body.GetProperty("tokens").EnumerateArray());
        JsonElement settings = body.GetProperty("generation_settings");
        Assert.Equal((8, 8, 2, 7, 0), (Number(settings, "n_predict"), Number(settings, "max_tokens"), Number(settings, "n_keep"), Number(settings, "seed"), Number(settings, "n_probs")));
        Assert.Equal((0f, 0.25f, 40), (settings.GetProperty("temperature").GetSingle(), settings.GetProperty("min_p").GetSingle(), Number(settings, "top_k")));
        Assert.Equal("""["top_k","temperature"]""", settings.GetProperty("samplers").GetRawText());
        Assert.Equal("""["@@"]""", settings.GetProperty("stop").GetRawText());
        Assert.Equal("""[{"token":5,"bias":-1.5},{"token":6,"bias":null}]""", settings.GetProperty("logit_bias").GetRawText());
        JsonElement timings = body.GetProperty("timings");
        Assert.Equal((prompt, 8), (Number(timings, "prompt_n") + Number(timings, "cache_n"), Number(timings, "predicted_n")));
        Assert.Equal(timings.GetProperty("predicted_ms").GetDouble() / 8, timings.GetProperty("predicted_per_token_ms").GetDouble(), 6);
    }

    [Fact]
    public async Task Stream_HasThePartsAndAnEndWithoutText()
    {
        JsonElement whole = await AnswerAsync("\"n_predict\":8,\"ignore_eos\":true,\"return_tokens\":true");

        List<string> events = await server.StreamAsync(Path, "{" + Prompt + ",\"n_predict\":8,\"ignore_eos\":true,\"return_tokens\":true,\"stream\":true}");

        JsonElement[] parts = [.. events.Select(TestServer.Parse)];
        Assert.All(parts[..^1], part => Assert.False(part.GetProperty("stop").GetBoolean()));
        Assert.Equal(Text(whole, "content"), string.Concat(parts.Select(part => Text(part, "content"))));
        Assert.Equal(8, whole.GetProperty("tokens").GetArrayLength());
        Assert.Equal(Ids(whole), parts.SelectMany(Ids));
        Assert.Equal(Number(parts[^2], "tokens_predicted"), Number(parts[^1], "tokens_predicted"));
        Assert.Equal((true, "", "limit"), (parts[^1].GetProperty("stop").GetBoolean(), Text(parts[^1], "content"), Text(parts[^1], "stop_type")));
        Assert.True(parts[^1].TryGetProperty("timings", out _));
    }

    [Fact]
    public async Task StopString_IsNamed()
    {
        string text = Text(await AnswerAsync("\"n_predict\":12"), "content")!;
        string stop = text[(text.Length / 2)..];

        JsonElement body = await AnswerAsync("\"n_predict\":12,\"stop\":" + JsonSerializer.Serialize(new[] { string.Empty, stop }));

        Assert.Equal(("word", stop, text[..(text.Length / 2)]), (Text(body, "stop_type"), Text(body, "stopping_word"), Text(body, "content")));
    }

    [Fact]
    public async Task EndOfTheModel_IsTheReason()
    {
        int end = server.Model.Tokenizer.Special.EndOfGeneration.First();

        JsonElement body = await AnswerAsync($"\"n_predict\":12,\"logit_bias\":{{\"{end}\":100}}");

        Assert.Equal(("eos", ""), (Text(body, "stop_type"), Text(body, "content")));
    }

    [Fact]
    public async Task EndOfTheContext_IsATruncation()
    {
        JsonElement body = await AnswerAsync("\"ignore_eos\":true,\"response_fields\":[\"truncated\",\"stop_type\",\"generation_settings/n_predict\",\"nothing/x\"]");

        Assert.Equal("""{"truncated":true,"stop_type":"limit","n_predict":-1}""", body.GetRawText());
    }

    [Fact]
    public async Task NothingToPredict_ReadsThePrompt()
    {
        JsonElement body = await AnswerAsync("\"n_predict\":0");

        Assert.Equal(("", 0, "limit"), (Text(body, "content"), Number(body, "tokens_predicted"), Text(body, "stop_type")));
    }

    [Fact]
    public async Task Probabilities_ComeWithTheirAlternatives()
    {
        JsonElement body = await AnswerAsync("\"n_predict\":4,\"n_probs\":3");

        JsonElement[] tokens = [.. body.GetProperty("completion_probabilities").EnumerateArray()];
        Assert.Equal(4, tokens.Length);
        foreach (JsonElement token in tokens)
        {
            JsonElement[] top = [.. token.GetProperty("top_logprobs").EnumerateArray()];
            Assert.Equal(3, top.Length);
            Assert.Equal((Number(token, "id"), 0), (Number(top[0], "id"), Number(token, "greedy_rank")));
            Assert.Equal(token.GetProperty("logprob").GetSingle(), top[0].GetProperty("logprob").GetSingle());
        }

        Assert.Equal(Text(body, "content"), string.Concat(tokens.Select(token => Text(token, "token"))));
    }

    [Fact]
    public async Task Probabilities_OfAStream_AreThoseOfTheWhole()
    {
        const string Fields = "\"n_predict\":12,\"n_probs\":2,\"temperature\":1.5,\"seed\":3,\"top_k\":0,\"ignore_eos\":true";
        JsonElement whole = await AnswerAsync(Fields);

        List<string> events = await server.StreamAsync(Path, "{" + Prompt + "," + Fields + ",\"stream\":true}");

        JsonElement[] parts = [.. events.Select(TestServer.Parse)];
        Assert.Equal(
            whole.GetProperty("completion_probabilities").EnumerateArray().Select(token => token.GetRawText()),
            parts[..^1].SelectMany(part => part.GetProperty("completion_probabilities").EnumerateArray()).Select(token => token.GetRawText()));
        Assert.Contains(whole.GetProperty("completion_probabilities").EnumerateArray(), token => Number(token, "greedy_rank") > 0);
        Assert.False(parts[^1].TryGetProperty("completion_probabilities", out _));
    }

    [Fact]
    public async Task ProbabilitiesAfterSampling_AreThoseThatTokensWereDrawnWith()
    {
        const string Fields = "\"n_predict\":8,\"seed\":3,\"ignore_eos\":true,\"min_p\":0,\"top_p\":1,\"top_k\":3,\"temperature\":2,\"samplers\":[\"top_k\",\"temperature\"]";
        JsonElement[] own = [.. (await AnswerAsync(Fields + ",\"n_probs\":3")).GetProperty("completion_probabilities").EnumerateArray()];

        JsonElement body = await AnswerAsync(Fields + ",\"n_probs\":5,\"post_sampling_probs\":true");

        JsonElement[] tokens = [.. body.GetProperty("completion_probabilities").EnumerateArray()];
        Assert.True(body.GetProperty("generation_settings").GetProperty("post_sampling_probs").GetBoolean());
        Assert.Equal(own.Length, tokens.Length);
        foreach ((JsonElement expected, JsonElement token) in own.Zip(tokens))
        {
            double[] scaled = [.. expected.GetProperty("top_logprobs").EnumerateArray().Select(top => Math.Exp(top.GetProperty("logprob").GetDouble() / 2))];
            JsonElement[] top = [.. token.GetProperty("top_probs").EnumerateArray()];
            Assert.Equal(expected.GetProperty("top_logprobs").EnumerateArray().Select(other => Number(other, "id")), top.Select(other => Number(other, "id")));
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(scaled[i] / scaled.Sum(), top[i].GetProperty("prob").GetDouble(), 1e-4);
            }

            Assert.Equal(top.Single(other => Number(other, "id") == Number(token, "id")).GetProperty("prob").GetDouble(), token.GetProperty("prob").GetDouble());
            Assert.Equal(Array.FindIndex(top, other => Number(other, "id") == Number(token, "id")), Number(token, "greedy_rank"));
            Assert.False(token.TryGetProperty("logprob", out _) || token.TryGetProperty("top_logprobs", out _) || top[0].TryGetProperty("greedy_rank", out _));
        }
    }

    [Theory]
    [InlineData("\"temperature\":0")]
    [InlineData("\"temperature\":3,\"grammar\":\"root ::= \\\"Hearth is a server\\\"\"")]
    public async Task ProbabilityAfterSampling_IsOneWhereThereIsNoChoice(string fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, "{\"prompt\":\"What is Hearth?\",\"n_predict\":6,\"n_probs\":3,\"post_sampling_probs\":true," + fields + "}");

        Assert.Equal(200, status);
        JsonElement[] tokens = [.. body.GetProperty("completion_probabilities").EnumerateArray()];
        Assert.NotEmpty(tokens);
        Assert.All(tokens, token => Assert.Equal((1, 1, 1f), (token.GetProperty("prob").GetSingle(), token.GetProperty("top_probs").GetArrayLength(), token.GetProperty("top_probs")[0].GetProperty("prob").GetSingle())));
    }

    [Fact]
    public async Task Prompts_MayBeTokensMixedOrMany()
    {
        List<int> tokens = server.Model.Tokenizer.Encode("What is Hearth?", addSpecial: true, parseSpecial: true);
        string ids = string.Join(',', tokens);
        string expected = Text(await AnswerAsync("\"n_predict\":6"), "content")!;

        (_, JsonElement fromIds) = await server.PostAsync(Path, $"{{\"prompt\":[{ids}],\"n_predict\":6,\"temperature\":0}}");
        (_, JsonElement mixed) = await server.PostAsync(Path, $"{{\"prompt\":[{ids},\" Well,\"],\"n_predict\":1,\"temperature\":0}}");
        (_, JsonElement many) = await server.PostAsync(Path, $"{{\"prompt\":[\"What is Hearth?\",[{ids}],{{\"prompt_string\":\"What is Hearth?\"}}],\"n_predict\":6,\"temperature\":0}}");
        (_, JsonElement choices) = await server.PostAsync(Path, "{" + Prompt + ",\"n_predict\":6,\"n\":2}");

        Assert.Equal(expected, Text(fromIds, "content"));
        Assert.Equal(tokens.Count + server.Model.Tokenizer.Encode(" Well,", addSpecial: false, parseSpecial: true).Count, Number(mixed, "tokens_evaluated"));
        Assert.Equal([0, 1, 2], many.EnumerateArray().Select(result => Number(result, "index")));
        Assert.All(many.EnumerateArray(), result => Assert.Equal(expected, Text(result, "content")));
        Assert.Equal([expected, expected], choices.EnumerateArray().Select(result => Text(result, "content")));
    }

    [Theory]
    [InlineData("\"grammar\":\"root ::= \\\"yes\\\" | \\\"no\\\"\"", "yes", "no")]
    [InlineData("\"json_schema\":{\"enum\":[1,2]}", "1", "2")]
    public async Task GrammarsAndSchemas_AreFollowed(string fields, params string[] expected)
    {
        JsonElement body = await AnswerAsync("\"n_predict\":20," + fields);

        Assert.Contains(Text(body, "content"), expected);
    }

    [Fact]
    public async Task UnknownFields_AreIgnoredAsLlamaServerDoes()
    {
        await AnswerAsync("\"n_predict\":1,\"id_slot\":3,\"cache_prompt\":false,\"n_cache_reuse\":256,\"t_max_prompt_ms\":500,\"something\":{}");
    }

    [Theory]
    [InlineData("{}", "prompt")]
    [InlineData("{\"prompt\":\"\",\"n_predict\":1,\"temperature\":\"hot\"}", "temperature")]
    [InlineData("{\"prompt\":5}", "prompt")]
    [InlineData("{\"prompt\":[]}", "prompt")]
    [InlineData("{\"prompt\":[1,-2]}", "prompt")]
    [InlineData("{\"prompt\":[1,99999999]}", "prompt")]
    [InlineData("{\"prompt\":[[\"a\",{}]]}", "prompt")]
    [InlineData("{\"prompt\":{\"text\":\"a\"}}", "prompt_string")]
    [InlineData("{\"prompt\":{\"prompt_string\":\"a\",\"multimodal_data\":[\"x\"]}}", "multimodal_data")]
    [InlineData("{" + Prompt + ",\"n_predict\":-3}", "n_predict")]
    [InlineData("{" + Prompt + ",\"n_predict\":1.5}", "n_predict")]
    [InlineData("{" + Prompt + ",\"n_probs\":-1}", "n_probs")]
    [InlineData("{" + Prompt + ",\"n_keep\":-1}", "n_keep")]
    [InlineData("{" + Prompt + ",\"stop\":5}", "stop")]
    [InlineData("{" + Prompt + ",\"samplers\":[\"magic\"]}", "samplers")]
    [InlineData("{" + Prompt + ",\"logit_bias\":[[\"a\",1]]}", "logit_bias")]
    [InlineData("{" + Prompt + ",\"logit_bias\":[[1.5,1]]}", "logit_bias")]
    [InlineData("{" + Prompt + ",\"post_sampling_probs\":1}", "post_sampling_probs")]
    [InlineData("{" + Prompt + ",\"n_indent\":4}", "n_indent")]
    [InlineData("{" + Prompt + ",\"n_discard\":4}", "n_discard")]
    [InlineData("{" + Prompt + ",\"t_max_predict_ms\":4}", "t_max_predict_ms")]
    [InlineData("{" + Prompt + ",\"adaptive_target\":0.5}", "adaptive_target")]
    [InlineData("{" + Prompt + ",\"return_progress\":true}", "return_progress")]
    [InlineData("{" + Prompt + ",\"timings_per_token\":true}", "timings_per_token")]
    [InlineData("{" + Prompt + ",\"sse_ping_interval\":5}", "sse_ping_interval")]
    [InlineData("{" + Prompt + ",\"verbose\":true}", "verbose")]
    [InlineData("{" + Prompt + ",\"backend_sampling\":true}", "backend_sampling")]
    [InlineData("{" + Prompt + ",\"grammar\":\"root ::= (\"}", "grammar")]
    [InlineData("{" + Prompt + ",\"json_schema\":{\"type\":\"odd\"}}", "json_schema")]
    [InlineData("{" + Prompt + ",\"grammar\":\"root ::= [a]\",\"json_schema\":{}}", "grammar")]
    [InlineData("{" + Prompt + ",\"grammar_lazy\":true}", "grammar_triggers")]
    [InlineData("{" + Prompt + ",\"grammar_triggers\":[{}]}", "grammar_triggers")]
    [InlineData("{" + Prompt + ",\"preserved_tokens\":[\"\"]}", "preserved_tokens")]
    [InlineData("{" + Prompt + ",\"grammar_triggers\":[{\"type\":1,\"value\":\"a\"}]}", "grammar_triggers")]
    [InlineData("{" + Prompt + ",\"grammar_lazy\":true,\"grammar_triggers\":[{\"type\":1,\"value\":\"a\"}]}", "grammar")]
    [InlineData("{" + Prompt + ",\"grammar\":\"root ::= \\\"a\\\"\",\"grammar_lazy\":true,\"grammar_triggers\":[{\"type\":\"pattern_full\",\"value\":\"a\"}]}", "grammar_triggers[0].type")]
    [InlineData("{" + Prompt + ",\"grammar\":\"root ::= \\\"a\\\" | \\\"b\\\"\",\"grammar_lazy\":true,\"grammar_triggers\":[{\"type\":\"word\",\"value\":\"a\"}]}", "grammar_triggers")]
    [InlineData("{" + Prompt + ",\"grammar\":\"root ::= \\\"a\\\"\",\"grammar_lazy\":true,\"grammar_triggers\":[{\"type\":\"word\",\"value\":\"a\"},{\"type\":\"word\",\"value\":\"b\"}]}", "grammar_triggers")]
    [InlineData("{" + Prompt + ",\"image_data\":[{}]}", "image_data")]
    public async Task BadRequests_AreRefusedByName(string request, string name)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, request);

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, 400, "invalid_request_error"), (status, Number(error, "code"), Text(error, "type")));
        Assert.Contains(name, Text(error, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooLongPrompt_IsRefusedWithTheNumbers()
    {
        string ids = string.Join(',', Enumerable.Repeat(5, server.Model.ContextLength + 3));

        (int status, JsonElement body) = await server.PostAsync(Path, $"{{\"prompt\":[{ids}]}}");

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, "exceed_context_size_error"), (status, Text(error, "type")));
        Assert.Equal((server.Model.ContextLength + 3, server.Model.ContextLength), (Number(error, "n_prompt_tokens"), Number(error, "n_ctx")));
    }

    [Theory]
    [InlineData("GET", "/completion", 405, "invalid_request_error")]
    [InlineData("POST", "/props", 501, "not_supported_error")]
    [InlineData("POST", "/slots/0?action=save", 501, "not_supported_error")]
    [InlineData("POST", "/lora-adapters", 501, "not_supported_error")]
    [InlineData("GET", "/slots?model=nothing", 404, "not_found_error")]
    public async Task OtherErrors_HaveLlamaServersShape(string method, string path, int expected, string type)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        JsonElement error = TestServer.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("error");
        Assert.Equal((expected, expected, type), ((int)response.StatusCode, Number(error, "code"), Text(error, "type")));
    }

    private async Task<JsonElement> AnswerAsync(string fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, "{" + Prompt + "," + fields + "}");
        Assert.True(status == 200, body.GetRawText());
        return body;
    }

    private static IEnumerable<int> Ids(JsonElement part) => part.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32());

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
