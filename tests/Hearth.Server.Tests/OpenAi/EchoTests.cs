using System.Text.Json;

namespace Hearth.Server.Tests.OpenAi;

/// <summary><c>echo</c> and <c>best_of</c> of text completions.</summary>
public sealed class EchoTests(GuideServer server)
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task LogProbabilities_AreThoseOfTheTokensAsTheyWereMade()
    {
        int[] prompt = [.. server.Model.Tokenizer.Encode("What is Hearth? It is", addSpecial: true, parseSpecial: true)];
        JsonElement made = await ChoiceAsync($$"""{"prompt":[{{string.Join(',', prompt)}}],"max_tokens":20,"seed":3,"temperature":1,"ignore_eos":true,"logprobs":2}""");
        float[] expected = Numbers(made.GetProperty("logprobs"));
        string text = Text(made);
        int[] tokens = [.. prompt, .. server.Model.Tokenizer.Encode(text, addSpecial: false, parseSpecial: false)];
        Assert.Equal(prompt.Length + expected.Length, tokens.Length);

        JsonElement echoed = await ChoiceAsync($$"""{"prompt":[{{string.Join(',', tokens)}}],"max_tokens":0,"echo":true,"logprobs":2}""");

        JsonElement scores = echoed.GetProperty("logprobs");
        Assert.Equal("What is Hearth? It is" + text, Text(echoed));
        Assert.Equal("length", echoed.GetProperty("finish_reason").GetString());
        Assert.Equal(tokens.Length, scores.GetProperty("token_logprobs").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, scores.GetProperty("token_logprobs")[0].ValueKind);
        Assert.Equal(JsonValueKind.Null, scores.GetProperty("top_logprobs")[0].ValueKind);
        Assert.Equal(2, scores.GetProperty("top_logprobs")[1].EnumerateObject().Count());
        Assert.Equal(expected, Numbers(scores)[^expected.Length..]);
        Assert.Equal(Text(echoed), string.Concat(scores.GetProperty("tokens").EnumerateArray().Select(token => token.GetString())));
        int[] offsets = [.. scores.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32())];
        Assert.Equal(0, offsets[0]);
        Assert.All(offsets.Index(), offset => Assert.StartsWith(
            scores.GetProperty("tokens")[offset.Index].GetString()!, Text(echoed)[offset.Item..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Echo_ComesBeforeEachAnswer_WholeAndStreamed()
    {
        const string Request = """{"prompt":["Hearth is","Models are"],"n":2,"max_tokens":4,"temperature":0,"echo":true,"logprobs":0}""";
        (_, JsonElement whole) = await server.PostAsync(Path, Request);
        JsonElement[] choices = [.. whole.GetProperty("choices").EnumerateArray()];
        JsonElement plain = await ChoiceAsync("""{"prompt":"Hearth is","max_tokens":4,"temperature":0,"logprobs":0}""");

        List<string> events = await server.StreamAsync(Path, Request[..^1] + ",\"stream\":true}");

        Assert.Equal([0, 1, 2, 3], choices.Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal("Hearth is" + Text(plain), Text(choices[0]));
        Assert.Equal(Text(choices[0]), Text(choices[1]));
        Assert.StartsWith("Models are", Text(choices[3]), StringComparison.Ordinal);
        JsonElement[] parts = [.. events.SkipLast(1).Select(data => TestServer.Parse(data).GetProperty("choices")[0])];
        Assert.All(choices.Index(), choice =>
        {
            JsonElement[] own = [.. parts.Where(part => part.GetProperty("index").GetInt32() == choice.Index)];
            Assert.Equal(Text(choice.Item), string.Concat(own.Select(Text)));
            JsonElement[] scores = [.. own.Select(part => part.GetProperty("logprobs")).Where(scores => scores.ValueKind == JsonValueKind.Object)];
            Assert.Equal(Numbers(choice.Item.GetProperty("logprobs")), scores.SelectMany(Numbers));
            Assert.Equal(
                choice.Item.GetProperty("logprobs").GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32()),
                scores.SelectMany(part => part.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32())));
        });
    }

    [Fact]
    public async Task EchoAlone_GivesThePromptBack()
    {
        JsonElement choice = await ChoiceAsync("""{"prompt":"Hearth is","max_tokens":0,"echo":true}""");

        Assert.Equal(("Hearth is", JsonValueKind.Null), (Text(choice), choice.GetProperty("logprobs").ValueKind));
    }

    [Fact]
    public async Task BestOf_GivesTheLikeliest()
    {
        const string Request = "\"prompt\":\"Hearth is\",\"max_tokens\":12,\"temperature\":1.3,\"seed\":11,\"ignore_eos\":true";
        (_, JsonElement all) = await server.PostAsync(Path, $"{{{Request},\"n\":6,\"logprobs\":0}}");
        string[] expected = [.. all.GetProperty("choices").EnumerateArray()
            .OrderByDescending(choice => Numbers(choice.GetProperty("logprobs")).Average(number => (double)number)).Take(2).Select(Text)];

        (_, JsonElement best) = await server.PostAsync(Path, $"{{{Request},\"n\":2,\"best_of\":6}}");

        Assert.Equal(expected, best.GetProperty("choices").EnumerateArray().Select(Text));
        Assert.Equal([0, 1], best.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.All(best.GetProperty("choices").EnumerateArray(), choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind));
        Assert.Equal(6 * 12, best.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(all.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), best.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    private async Task<JsonElement> ChoiceAsync(string json)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, json);
        Assert.True(status == 200, body.GetRawText());
        return body.GetProperty("choices")[0];
    }

    private static float[] Numbers(JsonElement logProbabilities) =>
        [.. logProbabilities.GetProperty("token_logprobs").EnumerateArray().Where(number => number.ValueKind == JsonValueKind.Number).Select(number => number.GetSingle())];

    private static string Text(JsonElement choice) => choice.GetProperty("text").GetString()!;
}
