using System.Text;
using System.Text.Json;

namespace Hearth.Server.Tests.OpenAi;

public sealed class ChatCompletionsTests(GuideServer server)
{
    private const string Path = "/v1/chat/completions";
    private const string Greedy = """{"model":"guide","temperature":0,"messages":[{"role":"user","content":"What is Hearth?"}]}""";

    [Fact]
    public async Task Answer_HasTheShapeOfOpenAi()
    {
        (int status, JsonElement body) = await server.PostAsync(Path, Greedy);

        Assert.Equal(200, status);
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        Assert.StartsWith("chatcmpl-", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("guide", body.GetProperty("model").GetString());
        JsonElement choice = Assert.Single(body.GetProperty("choices").EnumerateArray());
        Assert.Equal((0, "stop"), (choice.GetProperty("index").GetInt32(), choice.GetProperty("finish_reason").GetString()));
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind);
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.Contains("Hearth", choice.GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
        JsonElement usage = body.GetProperty("usage");
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Stream_BeginsWithTheRoleAndEndsWithReasonUsageAndDone()
    {
        List<string> events = await server.StreamAsync(Path, Greedy[..^1] + ""","stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal("[DONE]", events[^1]);
        JsonElement[] chunks = [.. events.SkipLast(1).Select(GuideServer.Parse)];
        Assert.Equal("assistant", Delta(chunks[0]).GetProperty("role").GetString());
        Assert.Equal("stop", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        string text = string.Concat(chunks.SkipLast(1).Select(chunk => Delta(chunk).TryGetProperty("content", out JsonElement content) ? content.GetString() : null));
        (_, JsonElement whole) = await server.PostAsync(Path, Greedy);
        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), text);
        Assert.Equal(whole.GetProperty("usage").GetRawText(), chunks[^1].GetProperty("usage").GetRawText());
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task UnprefixedRoute_AnswersToo() => Assert.Equal(200, (await server.PostAsync("/chat/completions", Greedy)).Status);

    [Fact]
    public async Task Content_MayBeTextParts()
    {
        const string Parts = """{"model":"guide","temperature":0,"messages":[{"role":"user","content":[{"type":"text","text":"What is "},{"type":"text","text":"Hearth?"}]}]}""";

        Assert.Equal(Content((await server.PostAsync(Path, Greedy)).Body), Content((await server.PostAsync(Path, Parts)).Body));
    }

    [Fact]
    public async Task SameSeed_SameText_AndEachChoiceItsOwn()
    {
        string request = Greedy.Replace("\"temperature\":0", "\"temperature\":2,\"top_k\":0,\"min_p\":0,\"top_p\":1,\"seed\":5,\"n\":3,\"max_tokens\":12", StringComparison.Ordinal);

        (_, JsonElement first) = await server.PostAsync(Path, request);
        (_, JsonElement second) = await server.PostAsync(Path, request);

        string[] texts = [.. first.GetProperty("choices").EnumerateArray().Select(Text)];
        Assert.Equal(texts, second.GetProperty("choices").EnumerateArray().Select(Text));
        Assert.Equal(3, texts.Distinct().Count());
    }

    [Fact]
    public async Task LogProbabilities_CoverTheTextByBytes()
    {
        (_, JsonElement body) = await server.PostAsync(Path, Greedy[..^1] + ""","max_tokens":6,"logprobs":true,"top_logprobs":3}""");

        JsonElement choice = body.GetProperty("choices")[0];
        JsonElement[] tokens = [.. choice.GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        byte[] bytes = [.. tokens.SelectMany(token => token.GetProperty("bytes").EnumerateArray()).Select(value => value.GetByte())];
        Assert.Equal(Text(choice), Encoding.UTF8.GetString(bytes));
        Assert.All(tokens, token => Assert.Equal((3, 0), (token.GetProperty("top_logprobs").GetArrayLength(), token.GetProperty("greedy_rank").GetInt32())));
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").GetProperty("refusal").ValueKind);
        Assert.False(tokens[0].GetProperty("top_logprobs")[0].TryGetProperty("greedy_rank", out _));
    }

    [Fact]
    public async Task LogitBias_ForbidsAToken()
    {
        string first = Content((await server.PostAsync(Path, Greedy[..^1] + ""","max_tokens":1}""")).Body);
        int token = server.Model.Tokenizer.Encode(first, addSpecial: false, parseSpecial: false)[0];

        (_, JsonElement body) = await server.PostAsync(Path, Greedy[..^1] + $",\"max_tokens\":1,\"logit_bias\":{{\"{token}\":-100}}}}");

        Assert.NotEqual(first, Content(body));
    }

    [Fact]
    public async Task ClientThatGoesAway_LeavesTheModelToTheNext()
    {
        using (CancellationTokenSource leaving = new())
        {
            using HttpRequestMessage request = new(HttpMethod.Post, Path)
            {
                Content = new StringContent(Greedy[..^1] + ""","stream":true,"ignore_eos":true,"n":128}""", Encoding.UTF8, "application/json"),
            };
            using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            using Stream stream = await response.Content.ReadAsStreamAsync(leaving.Token);
            Assert.True(await stream.ReadAsync(new byte[100].AsMemory(), leaving.Token) > 0);
            await leaving.CancelAsync();
        }

        Assert.Equal(200, (await server.PostAsync(Path, Greedy)).Status);
    }

    private static JsonElement Delta(JsonElement chunk) => chunk.GetProperty("choices")[0].GetProperty("delta");

    private static string Content(JsonElement body) => Text(body.GetProperty("choices")[0]);

    private static string Text(JsonElement choice) => choice.GetProperty("message").GetProperty("content").GetString()!;
}
