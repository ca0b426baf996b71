using System.Text.Json;
using System.Text.RegularExpressions;
using Hearth.Server.Tests.Chat;

namespace Hearth.Server.Tests.LlamaServer;

/// <summary>llama-server's grammars that begin where a trigger is written.</summary>
public sealed class LazyGrammarTests(ScriptedServer scripted, GuideServer guide) : IClassFixture<ScriptedServer>
{
    private const string Path = "/completion";
    private const string Prompt = "\"prompt\":\"What is Hearth?\",\"temperature\":0,\"n_predict\":60";

    [Theory]
    [InlineData("word")]
    [InlineData("pattern")]
    public async Task TextIsFreeUntilTheTrigger_AndThenTheGrammars(string type)
    {
        string free = await TextAsync(guide, "{" + Prompt + "}");
        string word = Regex.Match(free[(free.Length / 3)..], "[a-z]{4,}").Value;
        int at = free.IndexOf(word, StringComparison.Ordinal);
        string trigger = JsonSerializer.Serialize(type == "word" ? word : $"{word[..2]}[a-z]*{word[^1]}");
        string grammar = JsonSerializer.Serialize($"root ::= \"{word}\" \" [\" [0-9]{{3}} \"]\"");

        string text = await TextAsync(guide, $"{{{Prompt},\"grammar\":{grammar},\"grammar_lazy\":true,\"grammar_triggers\":[{{\"type\":\"{type}\",\"value\":{trigger}}}]}}");

        Assert.Equal(free[..(at + word.Length)], text[..(at + word.Length)]);
        Assert.Matches(@"^ \[[0-9]{3}\]\z", text[(at + word.Length)..]);
    }

    [Fact]
    public async Task TriggerThatIsNeverWritten_ChangesNothing()
    {
        string free = await TextAsync(guide, "{" + Prompt + "}");

        string text = await TextAsync(guide, "{" + Prompt + ",\"grammar\":\"root ::= \\\"@@@\\\" [0-9]\",\"grammar_lazy\":true,\"grammar_triggers\":[{\"type\":1,\"value\":\"@@@\"}]}");

        Assert.Equal(free, text);
    }

    [Theory]
    [InlineData("\"grammar_triggers\":[{\"type\":0,\"value\":\"<tool_call>\",\"token\":300}],\"preserved_tokens\":[\"</tool_call>\"]")]
    [InlineData("\"grammar_triggers\":[{\"type\":\"word\",\"value\":\"<tool_call>\"}],\"preserved_tokens\":[\"<tool_call>\",\"</tool_call>\"]")]
    public async Task ControlTokens_AreTextWhereTheyArePreserved(string fields)
    {
        const string Grammar = "\"grammar\":\"root ::= \\\"<tool_call>\\\\n{\\\" [0-9] \\\"}</tool_call>\\\"\",\"grammar_lazy\":true";

        string text = await TextAsync(scripted, $"{{\"model\":\"{ScriptedServer.Broken}\",\"prompt\":\"<|begin_of_reply|>\",\"temperature\":0,\"n_predict\":60,{Grammar},{fields}}}");

        Assert.Matches(@"^<tool_call>\n\{[0-9]\}</tool_call>\z", text);
    }

    [Fact]
    public async Task PreservedTokens_AreShown()
    {
        string text = await TextAsync(scripted, $"{{\"model\":\"{ScriptedServer.Broken}\",\"prompt\":\"<|begin_of_reply|>\",\"temperature\":0,\"preserved_tokens\":[\"<tool_call>\",\"</tool_call>\"]}}");

        Assert.Equal(ScriptedServer.BrokenReply, text);
    }

    [Fact]
    public async Task Chat_HasThemToo_ButNotBesideTools()
    {
        const string Lazy = "\"grammar\":\"root ::= \\\"@@@\\\" [0-9]\",\"grammar_lazy\":true,\"grammar_triggers\":[{\"type\":1,\"value\":\"@@@\"}]";
        const string Question = $"{{\"model\":\"{ScriptedServer.Thinker}\",\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}],{Lazy}";

        (int status, JsonElement body) = await scripted.PostAsync("/v1/chat/completions", Question + "}");
        (int refused, JsonElement error) = await scripted.PostAsync("/v1/chat/completions", Question + ",\"tools\":[{\"function\":{\"name\":\"f\"}}]}");

        Assert.Equal((200, ScriptedServer.Text), (status, body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()));
        Assert.Equal((400, "grammar_lazy"), (refused, error.GetProperty("error").GetProperty("param").GetString()));
    }

    private static async Task<string> TextAsync(TestServer server, string request)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, request);
        Assert.True(status == 200, body.GetRawText());
        return body.GetProperty("content").GetString()!;
    }
}
