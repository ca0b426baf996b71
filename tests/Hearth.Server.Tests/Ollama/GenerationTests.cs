using System.Text;
using System.Text.Json;

namespace Hearth.Server.Tests.Ollama;

/// <summary><c>/api/generate</c> and <c>/api/chat</c> with a model that is loaded.</summary>
public sealed class GenerationTests(GuideServer server)
{
    private const string Greedy = "\"options\":{\"temperature\":0}";
    private const string Chat = "\"model\":\"guide\",\"messages\":[{\"role\":\"User\",\"content\":\"What is Hearth?\"}]";
    private const string Prompt = "\"model\":\"guide:latest\",\"prompt\":\"What is Hearth?\"";
    private static readonly string[] s_metrics =
        ["total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count", "eval_duration"];

    [Fact]
    public async Task Chat_StreamsLinesAndEndsWithCounters()
    {
        OllamaReply reply = await PostAsync("/api/chat", $"{{{Chat},{Greedy}}}");

        Assert.Equal((200, "application/x-ndjson"), (reply.Status, reply.ContentType));
        JsonElement[] lines = reply.Lines;
        Assert.All(lines[..^1], line => Assert.Equal(["model", "created_at", "message", "done"], line.Names()));
        Assert.Equal(["model", "created_at", "message", "done", "done_reason", .. s_metrics], lines[^1].Names());
        Assert.Equal("stop", lines[^1].Text("done_reason"));
        Assert.Equal("", lines[^1].GetProperty("message").Text("content"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", lines[0].Text("created_at"));
        Assert.Contains("Hearth", TextOf(lines), StringComparison.Ordinal);
        AssertCounters(lines[^1]);
    }

    [Fact]
    public async Task Chat_WholeIsWhatTheStreamWas()
    {
        JsonElement[] lines = (await PostAsync("/api/chat", $"{{{Chat},{Greedy}}}")).Lines;

        OllamaReply reply = await PostAsync("/api/chat", $"{{{Chat},{Greedy},\"stream\":false}}");

        Assert.Equal("application/json; charset=utf-8", reply.ContentType);
        Assert.Equal(TextOf(lines), reply.Body.GetProperty("message").Text("content"));
        Assert.Equal("assistant", reply.Body.GetProperty("message").Text("role"));
        Assert.Equal("guide", reply.Body.Text("model"));
        AssertCounters(reply.Body);
    }

    [Fact]
    public async Task Generate_AnswersAsChatDoesAndGivesAContext()
    {
        JsonElement chat = (await PostAsync("/api/chat", $"{{{Chat},{Greedy},\"stream\":false}}")).Body;
        JsonElement[] lines = (await PostAsync("/api/generate", $"{{{Prompt},{Greedy}}}")).Lines;
        JsonElement whole = (await PostAsync("/api/generate", $"{{{Prompt},{Greedy},\"stream\":false}}")).Body;

        Assert.All(lines[..^1], line => Assert.Equal(["model", "created_at", "response", "done"], line.Names()));
        Assert.Equal(["model", "created_at", "response", "done", "done_reason", "context", .. s_metrics], lines[^1].Names());
        Assert.Equal("guide:latest", whole.Text("model"));
        Assert.Equal(chat.GetProperty("message").Text("content"), whole.Text("response"));
        Assert.Equal(whole.Text("response"), string.Concat(lines.Select(line => line.Text("response"))));
        int[] context = [.. whole.GetProperty("context").EnumerateArray().Select(token => token.GetInt32())];
        Assert.True(context.Length > whole.GetProperty("prompt_eval_count").GetInt32());

        string further = $"{{\"model\":\"guide\",\"prompt\":\"Which models can I run?\",\"context\":[{string.Join(',', context)}],{Greedy},\"stream\":false}}";
        JsonElement answer = (await PostAsync("/api/generate", further)).Body;

        Assert.True(answer.GetProperty("prompt_eval_count").GetInt32() > context.Length);
        Assert.Equal(context, answer.GetProperty("context").EnumerateArray().Take(context.Length).Select(token => token.GetInt32()));
    }

    [Fact]
    public async Task Raw_ContinuesThePromptItself()
    {
        OllamaReply rendered = await PostAsync("/api/generate", $"{{{Prompt},\"_debug_render_only\":true}}");
        string prompt = rendered.Body.GetProperty("_debug_info").Text("rendered_template")!;

        JsonElement raw = (await PostAsync("/api/generate", $"{{\"model\":\"guide\",\"prompt\":{JsonSerializer.Serialize(prompt)},\"raw\":true,{Greedy},\"stream\":false}}")).Body;
        JsonElement cooked = (await PostAsync("/api/generate", $"{{{Prompt},{Greedy},\"stream\":false}}")).Body;

        Assert.Contains("What is Hearth?", prompt, StringComparison.Ordinal);
        Assert.Equal(cooked.Text("response"), raw.Text("response"));
        Assert.False(raw.TryGetProperty("context", out _));
    }

    [Fact]
    public async Task Template_SystemAndGoLanguageOfTheRequestAreUsed()
    {
        OllamaReply reply = await PostAsync(
            "/api/generate", $$$"""{{{{Prompt}}},"system":"Be <brief> & kind.","template":"{{ .System }}|{{ .Prompt }}|","_debug_render_only":true}""");

        Assert.Equal("Be <brief> & kind.|What is Hearth?|", reply.Body.GetProperty("_debug_info").Text("rendered_template"));
        Assert.Contains("Be \\u003cbrief\\u003e \\u0026 kind.", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suffix_NeedsATemplateThatHasAPlaceForIt()
    {
        OllamaReply refused = await PostAsync("/api/generate", $"{{{Prompt},\"suffix\":\"end\"}}");
        OllamaReply taken = await PostAsync(
            "/api/generate", $$$"""{{{{Prompt}}},"suffix":"end","template":"[P]{{ .Prompt }}[S]{{ .Suffix }}[M]","_debug_render_only":true}""");

        Assert.Equal((400, "registry.ollama.ai/library/guide:latest does not support insert"), (refused.Status, refused.Error));
        Assert.Equal("[P]What is Hearth?[S]end[M]", taken.Body.GetProperty("_debug_info").Text("rendered_template"));
    }

    [Fact]
    public async Task Stop_IsNeverPartOfTheAnswer()
    {
        string whole = (await PostAsync("/api/generate", $"{{{Prompt},{Greedy},\"stream\":false}}")).Body.Text("response")!;
        string stop = whole[(whole.Length / 2)..(whole.Length / 2 + 3)];

        JsonElement[] lines = (await PostAsync("/api/generate", $"{{{Prompt},\"options\":{{\"temperature\":0,\"stop\":[{JsonSerializer.Serialize(stop)}]}}}}")).Lines;

        string text = string.Concat(lines.Select(line => line.Text("response")));
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], text);
        Assert.Equal("stop", lines[^1].Text("done_reason"));
    }

    [Fact]
    public async Task LogProbabilities_AreOneForEachToken()
    {
        JsonElement[] lines = (await PostAsync("/api/generate", $"{{{Prompt},\"logprobs\":true,\"top_logprobs\":3,\"options\":{{\"num_predict\":10,\"temperature\":0,\"seed\":123}}}}")).Lines;

        JsonElement[] entries = [.. lines.Where(line => line.TryGetProperty("logprobs", out _)).SelectMany(line => line.GetProperty("logprobs").EnumerateArray())];
        Assert.Equal(10, entries.Length);
        Assert.Equal(("length", 10), (lines[^1].Text("done_reason"), lines[^1].GetProperty("eval_count").GetInt32()));
        Assert.Equal(string.Concat(lines.Select(line => line.Text("response"))), string.Concat(entries.Select(entry => entry.Text("token"))));
        Assert.All(entries, entry =>
        {
            Assert.True(entry.GetProperty("logprob").GetSingle() <= 0);
            Assert.Equal(0, entry.GetProperty("greedy_rank").GetInt32());
            Assert.Equal(Encoding.UTF8.GetBytes(entry.Text("token")!), entry.GetProperty("bytes").EnumerateArray().Select(value => value.GetByte()));
            float[] top = [.. entry.GetProperty("top_logprobs").EnumerateArray().Select(item => item.GetProperty("logprob").GetSingle())];
            Assert.Equal(3, top.Length);
            Assert.Equal(top.OrderDescending(), top);
        });
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"boolean"},"b":{"enum":["x","y"]}},"required":["a","b"],"additionalProperties":false}""")]
    [InlineData("\"json\"")]
    public async Task Format_IsThatOfTheAnswer(string format)
    {
        string json = $"\"format\":{format},\"options\":{{\"temperature\":0,\"num_predict\":200}}";
        JsonElement[] lines = (await PostAsync("/api/chat", $"{{{Chat},{json}}}")).Lines;
        string answer = (await PostAsync("/api/generate", $"{{{Prompt},{json},\"stream\":false}}")).Body.Text("response")!;

        Assert.Equal(answer, TextOf(lines));
        Assert.StartsWith("{", answer.TrimStart(), StringComparison.Ordinal);
        Assert.True(lines[^1].Text("done_reason") == "length" || JsonDocument.Parse(answer).RootElement.ValueKind == JsonValueKind.Object);
        Assert.True(format == "\"json\"" || JsonDocument.Parse(answer).RootElement.GetProperty("a").ValueKind is JsonValueKind.True or JsonValueKind.False);
    }

    [Fact]
    public async Task NumPredict_OfNothingReadsThePromptOnly()
    {
        JsonElement[] lines = (await PostAsync("/api/chat", $"{{{Chat},\"options\":{{\"num_predict\":0}}}}")).Lines;

        JsonElement only = Assert.Single(lines);
        Assert.Equal(("length", 0), (only.Text("done_reason"), only.GetProperty("eval_count").GetInt32()));
    }

    [Fact]
    public async Task Options_UnknownOnesAndFractionsAreTaken()
    {
        OllamaReply reply = await PostAsync(
            "/api/chat", $"{{{Chat},\"stream\":false,\"nonsense\":1,\"options\":{{\"num_predict\":2.7,\"num_gpu\":99,\"whatever\":{{\"a\":[1]}},\"seed\":null,\"use_mmap\":true}}}}");

        Assert.Equal((200, 2), (reply.Status, reply.Body.GetProperty("eval_count").GetInt32()));
    }

    [Fact]
    public async Task Seed_GivesTheSameTextTwice()
    {
        string json = $"{{{Prompt},\"stream\":false,\"options\":{{\"seed\":7,\"temperature\":1.5,\"num_predict\":24}}}}";

        Assert.Equal((await PostAsync("/api/generate", json)).Body.Text("response"), (await PostAsync("/api/generate", json)).Body.Text("response"));
    }

    [Fact]
    public async Task LongChat_LosesOldTurnsAndKeepsTheInstructions()
    {
        StringBuilder messages = new("{\"role\":\"system\",\"content\":\"Keep me.\"}");
        for (int turn = 0; turn < 400; turn++)
        {
            messages.Append($",{{\"role\":\"user\",\"content\":\"question number {turn} of many more\"}},{{\"role\":\"assistant\",\"content\":\"answer number {turn}\"}}");
        }

        string json = $"\"model\":\"guide\",\"messages\":[{messages},{{\"role\":\"user\",\"content\":\"The last one.\"}}]";
        OllamaReply shortened = await PostAsync("/api/chat", $"{{{json},\"_debug_render_only\":true}}");
        OllamaReply refused = await PostAsync("/api/chat", $"{{{json},\"truncate\":false}}");

        string text = shortened.Body.GetProperty("_debug_info").Text("rendered_template")!;
        Assert.Contains("Keep me.", text, StringComparison.Ordinal);
        Assert.Contains("The last one.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("question number 0 ", text, StringComparison.Ordinal);
        Assert.True(server.Model.Tokenizer.Encode(text, true, true).Count < server.Model.ContextLength);
        Assert.Equal(400, refused.Status);
        Assert.StartsWith("the prompt is longer than the context length", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EarlierMessages_HaveCallsAndResults()
    {
        OllamaReply reply = await PostAsync("/api/chat", """
            {"model":"guide","_debug_render_only":true,
             "tools":[{"type":"function","function":{"name":"get_sum","description":"adds","strict":true,"parameters":{"type":"object","properties":{"a":{"type":"number"}}}}}],
             "messages":[{"role":"user","content":"1+2?"},
                         {"role":"assistant","tool_calls":[{"function":{"name":"get_sum","arguments":{"b":1,"a":2}}}]},
                         {"role":"tool","tool_name":"get_sum","content":"the sum is 3"}]}
            """);

        string text = reply.Body.GetProperty("_debug_info").Text("rendered_template")!;
        Assert.Contains("get_sum", text, StringComparison.Ordinal);
        Assert.Contains("the sum is 3", text, StringComparison.Ordinal);
        Assert.Matches("\"b\": ?1, ?\"a\": ?2", text);
    }

    private static string TextOf(IEnumerable<JsonElement> lines) => string.Concat(lines.Select(line => line.GetProperty("message").Text("content")));

    private static void AssertCounters(JsonElement end)
    {
        Assert.True(end.GetProperty("done").GetBoolean());
        long[] durations = [.. ((string[])["load_duration", "prompt_eval_duration", "eval_duration"]).Select(name => end.GetProperty(name).GetInt64())];
        Assert.All(durations, duration => Assert.True(duration > 0));
        Assert.True(end.GetProperty("total_duration").GetInt64() >= durations.Sum());
        Assert.True(end.GetProperty("prompt_eval_count").GetInt32() > 0);
        Assert.True(end.GetProperty("eval_count").GetInt32() > 0);
    }

    private Task<OllamaReply> PostAsync(string path, string json) => OllamaClient.PostAsync(server.Client, path, json);
}
