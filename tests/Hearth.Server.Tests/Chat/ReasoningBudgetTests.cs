using System.Text.Json;

namespace Hearth.Server.Tests.Chat;

/// <summary>Budgets of reasoning, of models that would think for ever.</summary>
public sealed class ReasoningBudgetTests(ThinkingServer server) : IClassFixture<ThinkingServer>
{
    private const string Path = "/v1/chat/completions";
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"What is 6 times 7?\"}],\"temperature\":0,\"max_tokens\":120";

    [Theory]
    [InlineData(ThinkingServer.Opener, 2)]
    [InlineData(ThinkingServer.Plodder, 2)]
    [InlineData(ThinkingServer.Begun, 1)]
    [InlineData(ThinkingServer.Texts, 8)]
    public async Task Thought_HasAsManyTokensAsItMayHave(string model, int marks)
    {
        JsonElement none = await AnswerAsync(model, "\"thinking_budget\":0");
        int answer = Tokens(none) - marks;
        Assert.Equal((string.Empty, ThinkingServer.Answer, "stop", marks), (Reasoning(none), Content(none), Reason(none), ReasoningTokens(none)));
        string before = string.Empty;
        foreach (int budget in (int[])[1, 2, 3, 10, 40])
        {
            JsonElement body = await AnswerAsync(model, $"\"thinking_budget\":{budget}");

            Assert.Equal((ThinkingServer.Answer, "stop"), (Content(body), Reason(body)));
            Assert.Equal((budget + marks, budget + marks + answer), (ReasoningTokens(body), Tokens(body)));
            Assert.StartsWith(Reasoning(body), ThinkingServer.Thought + ThinkingServer.Thought + ThinkingServer.Thought, StringComparison.Ordinal);
            Assert.StartsWith(before, Reasoning(body), StringComparison.Ordinal);
            Assert.True(Reasoning(body).Length > before.Length, Reasoning(body));
            before = Reasoning(body);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"thinking_budget\":-1")]
    [InlineData("\"thinking_budget\":500")]
    public async Task WithoutABudget_TheModelNeverAnswers(string fields)
    {
        JsonElement body = await AnswerAsync(ThinkingServer.Opener, fields);

        Assert.Equal((string.Empty, "length", 120), (Content(body), Reason(body), ReasoningTokens(body)));
    }

    [Theory]
    [InlineData("thinking_budget")]
    [InlineData("thinking_token_budget")]
    [InlineData("thinking_budget_tokens")]
    [InlineData("reasoning_budget_tokens")]
    [InlineData("reasoning_budget")]
    public async Task EveryName_IsKnown(string name) => Assert.Equal(4 + 2, ReasoningTokens(await AnswerAsync(ThinkingServer.Opener, $"\"{name}\":4")));

    [Theory]
    [InlineData("\"thinking_budget\":-2")]
    [InlineData("\"thinking_budget\":\"much\"")]
    [InlineData("\"thinking_budget\":4,\"reasoning_budget\":5")]
    public async Task WrongBudget_IsRefused(string fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, Request(ThinkingServer.Opener, fields));

        Assert.Equal(400, status);
        Assert.Contains("budget", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LogProbabilities_ChangeNothing_AndAreOfTheAnswer()
    {
        JsonElement plain = await AnswerAsync(ThinkingServer.Opener, "\"thinking_budget\":7");

        JsonElement body = await AnswerAsync(ThinkingServer.Opener, "\"thinking_budget\":7,\"logprobs\":true");

        Assert.Equal((Reasoning(plain), Content(plain), Tokens(plain)), (Reasoning(body), Content(body), Tokens(body)));
        JsonElement[] tokens = [.. body.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.Equal(ThinkingServer.Answer, string.Concat(tokens.Select(token => token.GetProperty("token").GetString())));
        Assert.All(tokens, token => Assert.Equal(0, token.GetProperty("greedy_rank").GetInt32()));
    }

    [Theory]
    [InlineData(ThinkingServer.Opener)]
    [InlineData(ThinkingServer.Plodder)]
    [InlineData(ThinkingServer.Begun)]
    public async Task Form_BeginsBehindTheThought(string model)
    {
        JsonElement body = await AnswerAsync(model, "\"thinking_budget\":6,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"const\":[1,\"yes\"]}}}");

        Assert.Equal("stop", Reason(body));
        Assert.NotEmpty(Reasoning(body));
        Assert.Equal("""[1,"yes"]""", Content(body).Replace(" ", string.Empty, StringComparison.Ordinal).Replace("\n", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Harmony_GoesOnWithItsAnswer()
    {
        JsonElement none = await AnswerAsync(ThinkingServer.Harmony, "\"thinking_budget\":0");
        JsonElement body = await AnswerAsync(ThinkingServer.Harmony, "\"thinking_budget\":9");

        Assert.Equal((string.Empty, "length", "length"), (Reasoning(none), Reason(none), Reason(body)));
        Assert.Equal(9, ReasoningTokens(body) - ReasoningTokens(none));
        Assert.StartsWith(Reasoning(body), ThinkingServer.Thought, StringComparison.Ordinal);
        Assert.StartsWith(ThinkingServer.Thought, Content(body), StringComparison.Ordinal);
        Assert.DoesNotContain("<|", Content(body), StringComparison.Ordinal);
        Assert.DoesNotContain("analysis", Content(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anthropic_HasABudgetToo()
    {
        (int status, JsonElement body) = await server.PostAsync("/v1/messages", $$"""
            {"model":"{{ThinkingServer.Opener}}","max_tokens":120,"thinking":{"type":"enabled","budget_tokens":8},"messages":[{"role":"user","content":"6 times 7?"}]}
            """);

        Assert.Equal(200, status);
        JsonElement[] content = [.. body.GetProperty("content").EnumerateArray()];
        Assert.Equal(["thinking", "text"], content.Select(block => block.GetProperty("type").GetString()));
        Assert.Equal(("end_turn", ThinkingServer.Answer), (body.GetProperty("stop_reason").GetString(), content[1].GetProperty("text").GetString()));
        Assert.Equal(Reasoning(await AnswerAsync(ThinkingServer.Opener, "\"thinking_budget\":8")), content[0].GetProperty("thinking").GetString());
    }

    [Fact]
    public async Task Setting_IsTheBudgetOfRequestsThatSayNothing()
    {
        JsonElement body = await AnswerAsync(ThinkingServer.Limited, string.Empty);

        Assert.Equal((ThinkingServer.Setting + 2, ThinkingServer.Answer), (ReasoningTokens(body), Content(body)));
        Assert.Equal(3 + 2, ReasoningTokens(await AnswerAsync(ThinkingServer.Limited, "\"thinking_budget\":3")));
        Assert.Equal("length", Reason(await AnswerAsync(ThinkingServer.Limited, "\"thinking_budget\":-1")));
    }

    [Theory]
    [InlineData("/api/chat", "\"messages\":[{\"role\":\"user\",\"content\":\"6 times 7?\"}]", "")]
    [InlineData("/api/generate", "\"prompt\":\"6 times 7?\"", "")]
    [InlineData("/api/generate", "\"prompt\":\"6 times 7?\",\"context\":[65,66]", "")]
    [InlineData("/api/chat", "\"messages\":[{\"role\":\"user\",\"content\":\"6 times 7?\"}]", ",\"format\":{\"const\":\"yes\"}")]
    [InlineData("/api/generate", "\"prompt\":\"6 times 7?\"", ",\"format\":{\"const\":\"yes\"}")]
    public async Task Setting_IsOllamasBudget(string path, string prompt, string format)
    {
        string thought = Reasoning(await AnswerAsync(ThinkingServer.Limited, string.Empty));

        (int status, JsonElement body) = await server.PostAsync(path, $$"""{"model":"{{ThinkingServer.Limited}}","stream":false,{{prompt}}{{format}},"options":{"temperature":0,"num_predict":120} }""");

        Assert.Equal(200, status);
        JsonElement said = path == "/api/chat" ? body.GetProperty("message") : body;
        Assert.Equal(thought, said.GetProperty("thinking").GetString());
        string expected = format.Length > 0 ? "\"yes\"" : ThinkingServer.Answer;
        Assert.Equal((expected, "stop"), (said.GetProperty(path == "/api/chat" ? "content" : "response").GetString(), body.GetProperty("done_reason").GetString()));
    }

    [Fact]
    public async Task Stream_HasTheSame()
    {
        JsonElement whole = await AnswerAsync(ThinkingServer.Opener, "\"thinking_budget\":30");

        List<string> events = await server.StreamAsync(Path, Request(ThinkingServer.Opener, "\"thinking_budget\":30,\"stream\":true"));

        JsonElement[] deltas = [.. events.SkipLast(1).Select(TestServer.Parse).Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta"))];
        static string Text(JsonElement delta, string name) => delta.TryGetProperty(name, out JsonElement text) ? text.GetString()! : string.Empty;
        Assert.Equal(Reasoning(whole), string.Concat(deltas.Select(delta => Text(delta, "reasoning_content"))));
        Assert.Equal(ThinkingServer.Answer, string.Concat(deltas.Select(delta => Text(delta, "content"))));
    }

    private static string Request(string model, string fields) => $$"""{"model":"{{model}}",{{Messages}}{{(fields.Length > 0 ? "," : string.Empty)}}{{fields}}}""";

    private static string Reasoning(JsonElement body) => Message(body).TryGetProperty("reasoning_content", out JsonElement text) ? text.GetString()! : string.Empty;

    private static string Content(JsonElement body) => Message(body).GetProperty("content").GetString()!;

    private static JsonElement Message(JsonElement body) => body.GetProperty("choices")[0].GetProperty("message");

    private static string? Reason(JsonElement body) => body.GetProperty("choices")[0].GetProperty("finish_reason").GetString();

    private static JsonElement Details(JsonElement body) => body.GetProperty("usage").GetProperty("completion_tokens_details");

    private static int ReasoningTokens(JsonElement body) => Details(body).GetProperty("reasoning_tokens").GetInt32();

    private static int Tokens(JsonElement body) => body.GetProperty("usage").GetProperty("completion_tokens").GetInt32();

    private async Task<JsonElement> AnswerAsync(string model, string fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, Request(model, fields));
        Assert.True(status == 200, body.GetRawText());
        return body;
    }
}
