using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Hearth.Server.Tests.OpenAi;

/// <summary>Bad input is normal input: each gets OpenAI's error object, and the server goes on.</summary>
public sealed class ErrorTests(GuideServer server)
{
    private const string Chat = "/v1/chat/completions";
    private const string Text = "/v1/completions";
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Theory]
    [InlineData(Chat, "{" + Messages + ",\"temperature\":-1}", "temperature", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"temperature\":\"hot\"}", "temperature", "invalid_type")]
    [InlineData(Chat, "{" + Messages + ",\"top_p\":1.5}", "top_p", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"max_tokens\":0}", "max_tokens", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"max_tokens\":99999999999}", "max_tokens", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"max_tokens\":1.5}", "max_tokens", "invalid_type")]
    [InlineData(Chat, "{" + Messages + ",\"max_tokens\":5,\"max_completion_tokens\":6}", "max_tokens", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"n\":0}", "n", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"stop\":\"\"}", "stop", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"stop\":5}", "stop", "invalid_type")]
    [InlineData(Chat, "{" + Messages + ",\"stream\":\"yes\"}", "stream", "invalid_type")]
    [InlineData(Chat, "{" + Messages + ",\"stream_options\":{\"include_usage\":true}}", "stream_options", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"stream\":true,\"stream_options\":{\"x\":true}}", "stream_options.x", "unsupported_parameter")]
    [InlineData(Chat, "{" + Messages + ",\"top_logprobs\":2}", "top_logprobs", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"logprobs\":true,\"top_logprobs\":21}", "top_logprobs", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"logit_bias\":{\"-5\":1}}", "logit_bias", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"logit_bias\":{\"5\":1000}}", "logit_bias", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"keep_alive\":\"soon\"}", "keep_alive", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"keep_alive\":true}", "keep_alive", "invalid_type")]
    [InlineData(Chat, "{" + Messages + ",\"tools\":[{}]}", "tools[0].function", "missing_required_parameter")]
    [InlineData(Chat, "{" + Messages + ",\"response_format\":{\"type\":\"xml\"}}", "response_format", "invalid_value")]
    [InlineData(Chat, "{" + Messages + ",\"user\":\"me\",\"another\":1}", "another", "unsupported_parameter")]
    [InlineData(Chat, "{" + Messages + ",\"model\":5}", "model", "invalid_type")]
    [InlineData(Chat, "{}", "messages", "missing_required_parameter")]
    [InlineData(Chat, "{\"messages\":\"hi\"}", "messages", "invalid_type")]
    [InlineData(Chat, "{\"messages\":[]}", "messages", "invalid_value")]
    [InlineData(Chat, "{\"messages\":[5]}", "messages[0]", null)]
    [InlineData(Chat, "{\"messages\":[{\"content\":\"hi\"}]}", "messages[0].role", "missing_required_parameter")]
    [InlineData(Chat, "{\"messages\":[{\"role\":\"king\",\"content\":\"hi\"}]}", "messages[0].role", "invalid_value")]
    [InlineData(Chat, "{\"messages\":[{\"role\":\"user\"}]}", "messages[0].content", "missing_required_parameter")]
    [InlineData(Chat, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}]}", "messages[0].content[0].type", "unsupported_parameter")]
    [InlineData(Chat, "{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", "messages[0].content", "invalid_unicode")]
    [InlineData(Chat, "{" + Messages + ",\"\\ud800\":1}", null, "invalid_unicode")]
    [InlineData(Text, "{}", "prompt", "missing_required_parameter")]
    [InlineData(Text, "{\"prompt\":\"\"}", "prompt", "invalid_value")]
    [InlineData(Text, "{\"prompt\":[1,2,99999999]}", "prompt", "invalid_type")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"echo\":1}", "echo", "invalid_type")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"echo\":true,\"truncate\":true}", "echo", "unsupported_parameter")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"echo\":true,\"suffix\":\"there\"}", "echo", "unsupported_parameter")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"max_tokens\":0}", "max_tokens", "invalid_value")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"best_of\":2,\"n\":3}", "best_of", "invalid_value")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"best_of\":129}", "best_of", "invalid_value")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"best_of\":2,\"stream\":true}", "best_of", "unsupported_parameter")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"suffix\":\"there\"}", "suffix", "unsupported_parameter")]
    [InlineData(Text, "{\"prompt\":\"hi\",\"logprobs\":6}", "logprobs", "invalid_value")]
    [InlineData(Chat, "{\"messages\":", null, "invalid_json")]
    [InlineData(Chat, "", null, "invalid_json")]
    [InlineData(Chat, "[]", null, null)]
    public async Task BadRequest_NamesTheField(string path, string json, string? parameter, string? code)
    {
        (int status, JsonElement body) = await server.PostAsync(path, json);

        AssertError(body, "invalid_request_error", parameter, code);
        Assert.Equal(400, status);
        await AssertServerGoesOnAsync();
    }

    [Fact]
    public async Task BiasThatExcludesEveryToken_IsRefused()
    {
        string never = string.Join(',', Enumerable.Range(0, server.Model.Tokenizer.VocabularySize).Select(token => $"\"{token}\":false"));

        (int status, JsonElement body) = await server.PostAsync(Chat, "{" + Messages + ",\"logit_bias\":{" + never + "}}");

        Assert.Equal(400, status);
        AssertError(body, "invalid_request_error", "logit_bias", "invalid_value");
        await AssertServerGoesOnAsync();
    }

    [Fact]
    public async Task UnknownModel_Is404()
    {
        (int status, JsonElement body) = await server.PostAsync(Chat, "{\"model\":\"nothing\"," + Messages + "}");

        Assert.Equal(404, status);
        AssertError(body, "invalid_request_error", "model", "model_not_found");
        Assert.Contains("guide", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvalidUtf8_IsInvalidJson()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("{\"messages\":[{\"role\":\"user\",\"content\":\""), 0xFF, 0xC0, .. "\"}]}"u8];
        using ByteArrayContent content = new(bytes);
        using HttpResponseMessage response = await server.Client.PostAsync(Chat, content, TestContext.Current.CancellationToken);

        Assert.Equal(400, (int)response.StatusCode);
        AssertError(await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken), "invalid_request_error", "messages[0].content", "invalid_unicode");
        await AssertServerGoesOnAsync();
    }

    [Fact]
    public async Task TenMegabytePrompt_IsRefusedWithTheNumbers()
    {
        string text = string.Concat(Enumerable.Repeat("0123456789 word ", 10 * 1024 * 1024 / 16));

        (int status, JsonElement body) = await server.PostAsync(Chat, "{\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}");

        Assert.Equal(400, status);
        AssertError(body, "invalid_request_error", "messages", "context_length_exceeded");
        await AssertServerGoesOnAsync();
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/completions")]
    [InlineData("/v1/responses")]
    [InlineData("/v1/messages")]
    [InlineData("/api/chat")]
    [InlineData("/completion")]
    public async Task BodyThatIsTooDeep_IsRefused(string path)
    {
        string json = $$"""{"model":"guide","metadata":{{string.Concat(Enumerable.Repeat("[", 100_000))}}{{string.Concat(Enumerable.Repeat("]", 100_000))}}}""";

        (int status, JsonElement body) = await server.PostAsync(path, json);

        Assert.Equal(400, status);
        Assert.Contains("depth", body.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task BodyOverTheLimit_Is413()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Chat) { Content = new ByteArrayContent(new byte[(16 * 1024 * 1024) + 1]) };
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(413, (int)response.StatusCode);
        AssertError(await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken), "invalid_request_error", null, "request_too_large");
        await AssertServerGoesOnAsync();
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "not_found_error", "not_found")]
    [InlineData("GET", "/v1/chat/completions", 405, "invalid_request_error", null)]
    [InlineData("GET", "/v1/models/nothing", 404, "invalid_request_error", "model_not_found")]
    public async Task WrongRoute_IsAnErrorObjectToo(string method, string path, int status, string type, string? code)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        JsonElement error = (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error");
        Assert.Equal((type, code), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
    }

    private async Task AssertServerGoesOnAsync()
    {
        using HttpResponseMessage response = await server.Client.GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.Equal("""{"status":"ok"}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static void AssertError(JsonElement body, string type, string? parameter, string? code)
    {
        JsonElement error = body.GetProperty("error");
        Assert.False(string.IsNullOrWhiteSpace(error.GetProperty("message").GetString()));
        Assert.Equal(
            (type, parameter, code),
            (error.GetProperty("type").GetString(), error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }
}
