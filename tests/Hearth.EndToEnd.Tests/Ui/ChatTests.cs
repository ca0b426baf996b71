using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Tests;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>Conversations on the page, in a browser.</summary>
public sealed class ChatTests(Chromium chromium) : IDisposable
{
    private const string Question = "How do I stream an answer?";

    // It has no end that a model of this kind would find.
    private const string Endless = "root ::= \"§§\" | [a-z ] root";
    private const int LongContext = 200_000;
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Answer_IsMeasured()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.SetAsync("#temperature", "0");

        await visit.AskAsync(Question);

        Assert.Contains("\"stream\": true", await visit.Answer.Locator(".prose").InnerTextAsync(), StringComparison.Ordinal);
        string facts = await visit.Answer.Locator(".facts").InnerTextAsync();
        Assert.Matches(@"\d tokens/s", facts);
        Assert.Matches(@"\d s to the first", facts);
        Assert.Matches(@"\d % of context", facts);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Answer_Streams()
    {
        await using PageServer server = await PageServer.StartAsync(context: LongContext);
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await UseGrammarAsync(visit, Endless);
        await visit.Prompt.FillAsync(Question);

        await visit.Prompt.PressAsync("Enter");
        int[] lengths = new int[4];
        for (int i = 0; i < lengths.Length; i++)
        {
            await visit.Page.WaitForFunctionAsync("before => (document.querySelector('.message.assistant .prose')?.textContent.length ?? 0) > before", i == 0 ? 0 : lengths[i - 1]);
            lengths[i] = (await visit.Answer.Locator(".prose").TextContentAsync())!.Length;
        }

        Assert.Equal(1, await RunningAsync(server));
        Assert.Equal(lengths.Order(), lengths);
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("escape")]
    [InlineData("close")]
    public async Task Stop_EndsTheWorkOfTheEngine(string how)
    {
        await using PageServer server = await PageServer.StartAsync(context: LongContext);
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await UseGrammarAsync(visit, Endless);
        await visit.Prompt.FillAsync(Question);
        await visit.Prompt.PressAsync("Enter");
        await Assertions.Expect(visit.Answer.Locator(".prose")).Not.ToBeEmptyAsync();
        Assert.Equal(1, await RunningAsync(server));

        switch (how)
        {
            case "stop":
                await visit.Page.GetByLabel("Stop").ClickAsync();
                break;
            case "escape":
                await visit.Page.Keyboard.PressAsync("Escape");
                break;
            default:
                await visit.Page.CloseAsync(new PageCloseOptions { RunBeforeUnload = true });
                break;
        }

        while (await RunningAsync(server) > 0)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        if (how != "close")
        {
            await Assertions.Expect(visit.Answer.Locator(".cut")).ToHaveTextAsync("stopped");
        }
    }

    [Fact]
    public async Task Continue_GoesOnWhereTheAnswerWasCut()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.SetAsync("#temperature", "0");
        await visit.AskAsync(Question);
        string whole = await visit.Answer.Locator(".prose").InnerTextAsync();
        await visit.Page.GetByText("New chat").ClickAsync();
        await visit.SetAsync("#max_tokens", "5");
        await visit.AskAsync(Question);
        string cut = await visit.Answer.Locator(".prose").InnerTextAsync();
        await visit.SetAsync("#max_tokens", string.Empty);

        await visit.Answer.GetByText("Continue").ClickAsync();
        await Assertions.Expect(visit.Answer.Locator(".cut")).ToHaveCountAsync(0);
        await Assertions.Expect(visit.Answer.Locator(".tools")).ToBeVisibleAsync();

        Assert.StartsWith(cut.TrimEnd(), whole, StringComparison.Ordinal);
        Assert.NotEqual(whole, cut);
        Assert.Equal(whole, await visit.Answer.Locator(".prose").InnerTextAsync());
    }

    [Fact]
    public async Task EditedQuestionAndNewAnswer_AreBranches()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.SetAsync("#temperature", "0");
        await visit.AskAsync(Question);
        string first = await visit.Answer.Locator(".prose").InnerTextAsync();

        await visit.Answer.GetByLabel("Answer again").ClickAsync();
        await Assertions.Expect(visit.Answer.Locator(".branches")).ToContainTextAsync("2");
        await Assertions.Expect(visit.Answer.Locator(".tools")).ToBeVisibleAsync();
        ILocator question = visit.Page.Locator(".message.user").First;
        await question.HoverAsync();
        await question.GetByLabel("Edit").ClickAsync();
        await question.GetByLabel("Message").FillAsync("Which port does Hearth listen on?");
        await question.GetByText("Ask again").ClickAsync();
        await Assertions.Expect(visit.Answer.Locator(".prose")).ToContainTextAsync("12434");
        await Assertions.Expect(visit.Answer.Locator(".tools")).ToBeVisibleAsync();
        await question.GetByLabel("The branch before").ClickAsync();

        await Assertions.Expect(visit.Answer.Locator(".prose")).ToHaveTextAsync(first);
        await Assertions.Expect(visit.Page.Locator(".message.user .said")).ToHaveTextAsync(Question);
    }

    [Fact]
    public async Task Probabilities_AreShownAndAnotherTokenCanBeChosen()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.SetAsync("#temperature", "0");
        await visit.Page.GetByLabel("Probabilities").CheckAsync();
        await visit.AskAsync(Question);
        string text = await visit.Answer.Locator(".prose").InnerTextAsync();

        await visit.Answer.GetByLabel("Probabilities").ClickAsync();
        ILocator tokens = visit.Answer.Locator(".token");
        await Assertions.Expect(tokens.First).ToBeVisibleAsync();
        Assert.Equal(text, string.Concat(await tokens.AllInnerTextsAsync()).Replace("⏎", "\n", StringComparison.Ordinal));
        Assert.Equal(0, await visit.Answer.Locator(".token.off").CountAsync());
        await tokens.Nth(2).ClickAsync();
        ILocator rows = visit.Answer.Locator(".alternatives tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(8);
        double[] chances = [.. (await rows.Locator("td:nth-child(2)").AllInnerTextsAsync()).Select(cell => double.Parse(cell.TrimEnd('%', ' '), CultureInfo.InvariantCulture))];
        Assert.Equal(chances.OrderDescending(), chances);
        Assert.Contains("chosen", await rows.First.GetAttributeAsync("class"), StringComparison.Ordinal);
        string instead = await rows.Nth(1).Locator("code").InnerTextAsync();
        string kept = string.Concat((await tokens.AllInnerTextsAsync()).Take(2));
        await rows.Nth(1).GetByRole(AriaRole.Button).ClickAsync();

        await Assertions.Expect(visit.Answer.Locator(".branches")).ToContainTextAsync("2 / 2", new() { IgnoreCase = true });
        await Assertions.Expect(visit.Answer.Locator(".tools")).ToBeVisibleAsync();
        Assert.StartsWith(kept + instead, await visit.Answer.Locator(".prose").InnerTextAsync(), StringComparison.Ordinal);
        await visit.Answer.GetByLabel("Probabilities").ClickAsync();
        await Assertions.Expect(visit.Answer.Locator(".token").Nth(2)).ToContainClassAsync("off");
    }

    [Fact]
    public async Task Probabilities_OfAnAnswerMadeWithoutThem_AreTheSame()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.SetAsync("#temperature", "0");
        await visit.Page.GetByLabel("Probabilities").CheckAsync();
        await visit.AskAsync(Question);
        string[] kept = await TokensAsync(visit);
        await visit.Page.GetByText("New chat").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".welcome")).ToBeVisibleAsync();
        await visit.Page.GetByLabel("Probabilities").UncheckAsync();
        await visit.AskAsync(Question);

        Assert.Equal(kept, await TokensAsync(visit));

        await visit.Answer.Locator(".token").Nth(2).ClickAsync();
        ILocator rows = visit.Answer.Locator(".alternatives tbody tr");
        string instead = await rows.Nth(1).Locator("code").InnerTextAsync();
        await rows.Nth(1).GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(visit.Answer.Locator(".branches")).ToContainTextAsync("2");
        await Assertions.Expect(visit.Answer.Locator(".prose")).ToContainTextAsync(instead);
        await Assertions.Expect(visit.Answer.Locator(".tools")).ToBeVisibleAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task ReasoningIsFolded_AndToolsAreCalled()
    {
        string path = ScriptedModel.Write(
            _files.Combine("scripted.gguf"),
            "<think>\nA sum.\n</think>\n\nI add.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1.5, \"b\": 2}}\n</tool_call>",
            "{#- <think></think> -#}{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% for message in messages %}{{ message.role }}{{ message.content }}"
                + "{% for call in message.tool_calls %}<tool_call>{{ call.function.name }}{{ call.function.arguments | tojson }}</tool_call>{% endfor %}{% endfor %}",
            "<|begin_of_reply|>", "<think>", "</think>", "<tool_call>", "</tool_call>");
        await using PageServer server = await PageServer.StartAsync([path]);
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.Page.GetByLabel("Settings", new PageGetByLabelOptions { Exact = true }).First.ClickAsync();
        await visit.Page.GetByText("Reasoning and tools").ClickAsync();
        await visit.SetAsync("#tools", """[{"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}}}}]""");

        await visit.AskAsync("1.5 + 2?");

        ILocator thought = visit.Answer.Locator(".reasoning");
        Assert.Null(await thought.GetAttributeAsync("open"));
        await thought.Locator("summary").ClickAsync();
        await Assertions.Expect(thought.Locator(".thought")).ToContainTextAsync("A sum.");
        await Assertions.Expect(visit.Answer.Locator(".prose")).ToHaveTextAsync("I add.");
        await Assertions.Expect(visit.Answer.Locator(".call")).ToContainTextAsync("\"a\": 1.5");
        Assert.StartsWith("⏎⏎I, ", (await TokensAsync(visit))[0], StringComparison.Ordinal);
        await visit.Answer.GetByLabel("What the tool answers").FillAsync("3.5");
        await visit.Answer.GetByText("Give the result").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".message.tool .said")).ToHaveTextAsync("3.5");
        await Assertions.Expect(visit.Page.Locator(".message.assistant")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task SettingThatIsRefused_IsToldAtOnce()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);

        await visit.SetAsync("#temperature", "-1");

        await Assertions.Expect(visit.Page.Locator("#settings .error")).ToContainTextAsync("temperature");
        await visit.Page.GetByText("Reset all").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#settings .error")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task HostileAnswer_DoesNothing()
    {
        const string Reply = "<script>pwned=1</script> <b onclick=pwned=2>bold</b>\n\n[link](javascript:pwned=3) [data](data:text/html,x) ![picture](http://192.0.2.1/x.png)"
            + "<iframe src=//192.0.2.2></iframe><img src=q onerror='pwned=4'>\n\n<style>*{display:none}</style> [fine](https://example.com/) <a href=\"vbscript:z\">w</a>";
        string path = ScriptedModel.Write(_files.Combine("hostile.gguf"), Reply, "{% for message in messages %}{{ message.content }}{% endfor %}", "<|begin_of_reply|>");
        await using PageServer server = await PageServer.StartAsync([path]);
        await using Visit visit = await Visit.OpenAsync(chromium, server);

        await visit.AskAsync(Reply);

        ILocator text = visit.Answer.Locator(".prose");
        Assert.Equal(0, await visit.Page.Locator(".message").Locator("script, iframe, img, style, b, [onclick], [onerror]").CountAsync());
        Assert.Equal(["http://192.0.2.1/x.png", "https://example.com/"], await text.Locator("a").EvaluateAllAsync<string[]>("links => links.map(link => link.href)"));
        Assert.Equal("noopener noreferrer nofollow", await text.Locator("a").First.GetAttributeAsync("rel"));
        Assert.Contains("<script>pwned=1</script>", await text.InnerTextAsync(), StringComparison.Ordinal);
        await text.GetByText("link", new LocatorGetByTextOptions { Exact = false }).First.ClickAsync();
        Assert.False(await visit.Page.EvaluateAsync<bool>("() => 'pwned' in window"));
        Assert.Empty(visit.Complaints);
    }

    private static async Task<string[]> TokensAsync(Visit visit)
    {
        await visit.Answer.GetByLabel("Probabilities").ClickAsync();
        ILocator tokens = visit.Answer.Locator(".token");
        await Assertions.Expect(tokens.First).ToBeVisibleAsync();
        return await tokens.EvaluateAllAsync<string[]>("tokens => tokens.map(token => token.ariaLabel)");
    }

    private static async Task UseGrammarAsync(Visit visit, string grammar)
    {
        await visit.Page.GetByLabel("Settings", new PageGetByLabelOptions { Exact = true }).First.ClickAsync();
        await visit.Page.GetByText("Form of the answer").ClickAsync();
        await visit.Page.Locator("#form").SelectOptionAsync("grammar");
        await visit.SetAsync("#form-text", grammar);
    }

    private static async Task<int> RunningAsync(PageServer server)
    {
        JsonElement models = await server.Client.GetFromJsonAsync<JsonElement>("/engines/ps", TestContext.Current.CancellationToken);
        return models.EnumerateArray().Sum(model => model.GetProperty("scheduler").GetProperty("running").GetInt32());
    }
}
