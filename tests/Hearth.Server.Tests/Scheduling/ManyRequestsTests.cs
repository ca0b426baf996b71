using System.Net;
using System.Text;
using System.Text.Json;

namespace Hearth.Server.Tests.Scheduling;

public sealed class ManyRequestsTests
{
    private const string Endless = """{"prompt": "Once", "max_tokens": 480, "temperature": 0, "ignore_eos": true, "stream": true}""";
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwentyPrompts_HaveTheSameTokensAloneAndTogether()
    {
        string[] bodies = [.. Enumerable.Range(0, 20).Select(Body)];
        List<string> alone = [];
        await using (StoriesServer single = await StoriesServer.StartAsync(parallel: 1))
        {
            foreach (string body in bodies)
            {
                alone.Add(Tokens((await single.PostAsync("/v1/completions", body)).Body));
            }
        }

        await using StoriesServer server = await StoriesServer.StartAsync();
        for (int round = 0; round < 2; round++)
        {
            (int Status, JsonElement Body)[] answers = await Task.WhenAll(bodies.Select(body => server.PostAsync("/v1/completions", body)));
            Assert.Equal(alone, answers.Select(answer => Tokens(answer.Body)));
        }

        Assert.Equal(20, alone.Distinct().Count());
        await server.SettledAsync();
        Assert.Equal((0, 0), (server.Model.Statistics.UsedBlocks, server.Model.Statistics.Waiting));
    }

    [Fact]
    public async Task SecondRequest_SaysWhatWasCached()
    {
        await using StoriesServer server = await StoriesServer.StartAsync();
        string body = $$"""{"prompt": [{{string.Join(',', Enumerable.Range(3, 100))}}], "max_tokens": 3, "temperature": 0, "ignore_eos": true}""";

        JsonElement first = (await server.PostAsync("/v1/completions", body)).Body;
        JsonElement second = (await server.PostAsync("/v1/completions", body)).Body;

        Assert.Equal((100, 0, 3), Usage(first));
        Assert.Equal((100, 96, 3), Usage(second));
        JsonElement timings = second.GetProperty("timings");
        Assert.Equal((96, 4, 3), (timings.GetProperty("cache_n").GetInt32(), timings.GetProperty("prompt_n").GetInt32(), timings.GetProperty("predicted_n").GetInt32()));
        Assert.Equal(first.GetProperty("choices")[0].GetProperty("text").GetString(), second.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task StreamedUsage_SaysWhatWasCached()
    {
        await using StoriesServer server = await StoriesServer.StartAsync();
        string body = $$"""{"messages": [{"role": "user", "content": "{{new string('a', 300)}}"}], "max_tokens": 3, "temperature": 0, "stream": true, "stream_options": {"include_usage": true} }""";
        await server.StreamAsync("/v1/chat/completions", body);

        List<string> events = await server.StreamAsync("/v1/chat/completions", body);

        JsonElement usage = TestServer.Parse(events[^2]).GetProperty("usage");
        Assert.True(usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32() >= 256);
        JsonElement end = TestServer.Parse(events[^3]);
        Assert.NotEqual(JsonValueKind.Null, end.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind);
        Assert.True(end.GetProperty("timings").GetProperty("cache_n").GetInt32() >= 256);
    }

    [Fact]
    public async Task Choices_AreMadeAtTheSameTimeAndEachHasItsSeed()
    {
        await using StoriesServer server = await StoriesServer.StartAsync();
        string Choice(int seed, int count, string more = "") =>
            $$"""{"prompt": "Once upon a time", "max_tokens": 30, "seed": {{seed}}, "n": {{count}}, "ignore_eos": true{{more}}}""";
        string[] single = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(async i => Text((await server.PostAsync("/v1/completions", Choice(7 + i, 1))).Body, 0)))];

        JsonElement whole = (await server.PostAsync("/v1/completions", Choice(7, 3))).Body;
        List<string> events = await server.StreamAsync("/v1/completions", Choice(7, 3, """, "stream": true"""));

        Assert.Equal(single, Enumerable.Range(0, 3).Select(i => Text(whole, i)));
        (int Index, string Text)[] parts =
        [
            .. events.SkipLast(1).Select(TestServer.Parse).Select(part => part.GetProperty("choices")[0])
                .Select(choice => (choice.GetProperty("index").GetInt32(), choice.GetProperty("text").GetString()!)),
        ];
        Assert.Equal(single, Enumerable.Range(0, 3).Select(i => string.Concat(parts.Where(part => part.Index == i).Select(part => part.Text))));

        // None waits for the end of another.
        int lastStart = Enumerable.Range(0, 3).Max(i => Array.FindIndex(parts, part => part.Index == i));
        int firstEnd = Enumerable.Range(0, 3).Min(i => Array.FindLastIndex(parts, part => part.Index == i));
        Assert.True(lastStart < firstEnd, $"{lastStart} {firstEnd}");
        Assert.Equal(90, whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task FullQueue_Is503WithRetryAfter()
    {
        await using StoriesServer server = await StoriesServer.StartAsync(parallel: 1, maxWaiting: 0, contextLength: 4096);
        using HttpResponseMessage running = await BeginAsync(server, Endless.Replace("480", "4000", StringComparison.Ordinal));

        foreach (string path in new[] { "/v1/completions", "/v1/chat/completions" })
        {
            string body = path.Contains("chat", StringComparison.Ordinal) ? """{"messages": [{"role": "user", "content": "hi"}], "stream": true}""" : Endless;
            using StringContent content = new(body, Encoding.UTF8, "application/json");
            using HttpResponseMessage refused = await server.Client.PostAsync(path, content, s_cancel);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Equal("queue_full", TestServer.Parse(await refused.Content.ReadAsStringAsync(s_cancel)).GetProperty("error").GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task WhoHangsUp_FreesEverythingWithinAStep()
    {
        await using StoriesServer server = await StoriesServer.StartAsync(contextLength: 8192);
        using (await BeginAsync(server, Endless.Replace("480", "8000", StringComparison.Ordinal)))
        {
            Assert.Equal(1, server.Model.Statistics.Running);
        }

        await server.SettledAsync();
        Assert.Equal(0, server.Model.Statistics.UsedBlocks);
        Assert.True(server.Model.Statistics.CompletionTokens < 8000, $"{server.Model.Statistics}");
    }

    [Fact]
    public async Task TimeLimit_Is504BeforeAndAnEventAfterTheFirstToken()
    {
        await using StoriesServer server = await StoriesServer.StartAsync(parallel: 1, contextLength: 40000);
        string endless = Endless.Replace("480", "39000", StringComparison.Ordinal);
        using (await BeginAsync(server, endless))
        {
            (int status, JsonElement body) = await server.PostAsync("/v1/completions", """{"prompt": "Once", "max_tokens": 5, "timeout": 0.05}""");
            Assert.Equal((504, "timeout"), (status, body.GetProperty("error").GetProperty("code").GetString()));
        }

        await server.SettledAsync();
        List<string> events = await server.StreamAsync("/v1/completions", endless.Replace("\"stream\"", "\"timeout\": 1, \"stream\"", StringComparison.Ordinal));
        Assert.Contains("time limit of 1 s", TestServer.Parse(events[^1]).GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e9")]
    [InlineData("\"soon\"")]
    public async Task TimeLimitThatMakesNoSense_IsRefused(string value)
    {
        await using StoriesServer server = await StoriesServer.StartAsync();

        (int status, JsonElement body) = await server.PostAsync("/v1/completions", $$"""{"prompt": "Once", "timeout": {{value}}}""");

        Assert.Equal((400, "timeout"), (status, body.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task PromptThatDoesNotFit_IsAnErrorWithTheNumbersUnlessItMayBeCut()
    {
        await using StoriesServer server = await StoriesServer.StartAsync(contextLength: 64);
        string prompt = $"[{string.Join(',', Enumerable.Range(3, 100))}]";

        (int status, JsonElement refused) = await server.PostAsync("/v1/completions", $$"""{"prompt": {{prompt}}, "max_tokens": 4}""");
        JsonElement cut = (await server.PostAsync("/v1/completions", $$"""{"prompt": {{prompt}}, "max_tokens": 4, "truncate": true, "n_keep": 2, "ignore_eos": true}""")).Body;
        JsonElement shifted = (await server.PostAsync("/v1/completions", """{"prompt": "Once", "max_tokens": 150, "context_shift": true, "ignore_eos": true}""")).Body;

        Assert.Equal(400, status);
        string message = refused.GetProperty("error").GetProperty("message").GetString()!;
        Assert.Contains("100 tokens", message, StringComparison.Ordinal);
        Assert.Contains("holds 64", message, StringComparison.Ordinal);
        Assert.Equal((60, 0, 4), Usage(cut));
        Assert.Equal(150, shifted.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    private static string Body(int i)
    {
        string shared = i % 4 == 0 ? "One day, a girl named Lily went to the park with her mom and her dog. They saw" : "The cat";
        string sampling = i % 2 == 0 ? "\"temperature\": 0" : $"\"temperature\": 0.9, \"seed\": {i}";
        return $$"""{"prompt": "{{shared}} number {{i}}", "max_tokens": {{10 + (i * 4)}}, "logprobs": 1, "ignore_eos": true, {{sampling}}}""";
    }

    private static string Tokens(JsonElement body) => body.GetProperty("choices")[0].GetProperty("logprobs").GetRawText();

    private static string Text(JsonElement body, int index) => body.GetProperty("choices")[index].GetProperty("text").GetString()!;

    private static (int Prompt, int Cached, int Completion) Usage(JsonElement body)
    {
        JsonElement usage = body.GetProperty("usage");
        return (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
    }

    // A stream that has begun.
    private static async Task<HttpResponseMessage> BeginAsync(StoriesServer server, string body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, s_cancel);
        Stream stream = await response.Content.ReadAsStreamAsync(s_cancel);
        await stream.ReadExactlyAsync(new byte[200], s_cancel);
        return response;
    }
}
