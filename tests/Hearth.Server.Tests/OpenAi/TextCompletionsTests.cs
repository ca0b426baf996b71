using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Tests.OpenAi;

public sealed class TextCompletionsTests(GuideServer server)
{
    private const string Path = "/v1/completions";
    private const string Prompt = "<|im_start|>user\\nWhat is Hearth?<|im_end|>\\n<|im_start|>assistant\\n";

    [Fact]
    public async Task Answer_HasTheShapeOfOpenAi()
    {
        (int status, JsonElement body) = await server.PostAsync(Path, $$"""{"model":"guide","temperature":0,"prompt":"{{Prompt}}"}""");

        Assert.Equal(200, status);
        Assert.Equal("text_completion", body.GetProperty("object").GetString());
        Assert.Contains("Hearth", body.GetProperty("choices")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("stop", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Prompts_MayBeSeveralAndTokens()
    {
        List<int> tokens = server.Model.Tokenizer.Encode(Prompt.Replace("\\n", "\n", StringComparison.Ordinal), addSpecial: true, parseSpecial: true);
        string ids = string.Join(',', tokens);

        (_, JsonElement body) = await server.PostAsync(Path, $$"""{"temperature":0,"n":2,"prompt":[[{{ids}}],[{{ids}}]]}""");
        (_, JsonElement text) = await server.PostAsync(Path, $$"""{"temperature":0,"prompt":"{{Prompt}}"}""");

        JsonElement[] choices = [.. body.GetProperty("choices").EnumerateArray()];
        Assert.Equal([0, 1, 2, 3], choices.Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.All(choices, choice => Assert.Equal(text.GetProperty("choices")[0].GetProperty("text").GetString(), choice.GetProperty("text").GetString()));
        Assert.Equal(2 * tokens.Count, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Stream_GivesTheSameText()
    {
        string request = $$"""{"temperature":0,"prompt":"{{Prompt}}"}""";
        (_, JsonElement whole) = await server.PostAsync(Path, request);

        List<string> events = await server.StreamAsync(Path, request[..^1] + ""","stream":true}""");

        Assert.Equal("[DONE]", events[^1]);
        string text = string.Concat(events.SkipLast(1).Select(data => GuideServer.Parse(data).GetProperty("choices")[0].GetProperty("text").GetString()));
        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("text").GetString(), text);
    }

    [Fact]
    public async Task LogProbabilities_HaveTheOlderShape()
    {
        (_, JsonElement body) = await server.PostAsync(Path, $$"""{"temperature":0,"prompt":"{{Prompt}}","max_tokens":4,"logprobs":2}""");

        JsonElement choice = body.GetProperty("choices")[0];
        JsonElement logProbabilities = choice.GetProperty("logprobs");
        string[] tokens = [.. logProbabilities.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
        Assert.Equal(choice.GetProperty("text").GetString(), string.Concat(tokens));
        Assert.Equal(4, logProbabilities.GetProperty("token_logprobs").GetArrayLength());
        Assert.Equal(tokens[0].Length, logProbabilities.GetProperty("text_offset")[1].GetInt32());
        Assert.Equal(2, logProbabilities.GetProperty("top_logprobs")[0].EnumerateObject().Count());
        Assert.Equal("[0,0,0,0]", logProbabilities.GetProperty("greedy_ranks").GetRawText());
    }

    [Fact]
    public void LogProbabilities_HaveThePlacesOfTheirTexts()
    {
        Tokenizer tokenizer = server.Model.Tokenizer;
        int hidden = tokenizer.FindToken("<|im_end|>")!.Value;
        int shown = tokenizer.Encode("a", addSpecial: false, parseSpecial: false)[0];
        TokenProbability Token(int id, params byte[] bytes) => new(id, bytes, float.NegativeInfinity, []) { Rank = bytes.Length };
        TextProbabilities written = new(tokenizer);

        TextLogProbabilities first = written.Write([Token(shown, 0x22), Token(shown, 0xE2, 0x80), Token(shown, 0x94), Token(hidden, (byte)'<', (byte)'|'), Token(shown, 0xF0, 0x9F, 0x98, 0x80)]);
        TextLogProbabilities next = written.Write([Token(shown, (byte)'x') with { Top = [Token(shown, 0x80) with { LogProbability = -1 }, Token(shown, 0x81), Token(shown, 0x81) with { LogProbability = -2 }] }]);

        Assert.Equal(["\"", @"bytes:\xe2\x80", @"bytes:\x94", "<|", "😀"], first.Tokens);
        Assert.Equal([0, 1, 1, 2, 2], first.TextOffset);
        Assert.Equal([1, 2, 1, 2, 4], first.GreedyRanks);
        Assert.All(first.TokenLogprobs, value => Assert.Equal(-9999, value));
        Assert.Equal([4], next.TextOffset);
        Assert.Equal(new Dictionary<string, float> { [@"bytes:\x80"] = -1, [@"bytes:\x81"] = -9999 }, next.TopLogprobs[0]);
    }

    [Fact]
    public async Task RanksOfSampledTokens_AreTheirPlacesAmongTheLikeliest()
    {
        (_, JsonElement body) = await server.PostAsync(Path, $$"""{"temperature":30,"top_k":5,"seed":3,"min_p":0,"top_p":1,"prompt":"{{Prompt}}","max_tokens":24,"logprobs":5,"ignore_eos":true}""");

        JsonElement logProbabilities = body.GetProperty("choices")[0].GetProperty("logprobs");
        int[] ranks = [.. logProbabilities.GetProperty("greedy_ranks").EnumerateArray().Select(rank => rank.GetInt32())];
        float[] own = [.. logProbabilities.GetProperty("token_logprobs").EnumerateArray().Select(value => value.GetSingle())];
        Assert.Equal(24, ranks.Length);
        Assert.Contains(ranks, rank => rank > 0);
        Assert.All(ranks.Zip(logProbabilities.GetProperty("top_logprobs").EnumerateArray(), own), token =>
            Assert.Equal(token.Third, token.Second.EnumerateObject().Select(top => top.Value.GetSingle()).OrderDescending().ElementAt(token.First)));
    }
}
