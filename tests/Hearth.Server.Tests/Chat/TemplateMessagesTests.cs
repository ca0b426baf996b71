using System.Text.Json.Nodes;
using Hearth.Engine.Templates;
using Hearth.Server.Chat;
using Hearth.Tests;

namespace Hearth.Server.Tests.Chat;

/// <summary>Conversations with tools over published templates.</summary>
public sealed class TemplateMessagesTests
{
    private static readonly ToolDefinition s_weather = new(
        "get_weather",
        "Get the weather in a place",
        (JsonObject)JsonNode.Parse("""{"type":"object","properties":{"city":{"type":"string","description":"City name"},"unit":{"type":"string","enum":["c","f"]}},"required":["city"]}""")!);

    private static readonly ToolDefinition s_add = new(
        "add", "Add two numbers", (JsonObject)JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"]}""")!);

    private static readonly ChatMessage[] s_callAndResult =
    [
        new(ChatMessage.SystemRole, "Use tools."),
        new(ChatMessage.UserRole, "Weather in Paris?"),
        new(ChatMessage.AssistantRole, "") { ToolCalls = [new ChatToolCall("abcde1234", "get_weather", """{"city":"Paris","unit":"c"}""")] },
        new(ChatMessage.ToolRole, "{\"temp\": 21}") { ToolCallId = "abcde1234" },
        new(ChatMessage.AssistantRole, "It is 21 degrees."),
        new(ChatMessage.UserRole, "Thanks, and 2+3?"),
    ];

    public static TheoryData<string> Templates { get; } = [.. Golden.Names("templates", ".jinja")];

    [Theory]
    [MemberData(nameof(Templates))]
    public void EveryTemplate_SaysTheTools(string name)
    {
        string text = Render(name, new Conversation([new ChatMessage(ChatMessage.UserRole, "Weather in Paris?")]) { Tools = [s_weather, s_add] });

        Assert.Contains("get_weather", text, StringComparison.Ordinal);
        Assert.Contains("City name", text, StringComparison.Ordinal);
        Assert.Contains("Add two numbers", text, StringComparison.Ordinal);
        Assert.Contains("Weather in Paris?", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void EveryTemplate_SaysCallsAndResults(string name)
    {
        string text = Render(name, new Conversation(s_callAndResult) { Tools = [s_weather, s_add] });

        Assert.Contains("Use tools.", text, StringComparison.Ordinal);
        Assert.Contains("get_weather", text, StringComparison.Ordinal);
        Assert.Contains("Paris", text.Replace("Weather in Paris?", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("21}", text.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("2+3?", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\\\"city\\\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void EveryTemplate_SaysSeveralCalls(string name)
    {
        ChatToolCall[] calls = [new(null, "get_weather", """{"city":"Rome"}"""), new(null, "get_weather", """{"city":"Oslo"}""")];
        string text = Render(name, new Conversation(
        [
            new ChatMessage(ChatMessage.UserRole, "Weather?"),
            new ChatMessage(ChatMessage.AssistantRole, "") { ToolCalls = calls },
            new ChatMessage(ChatMessage.ToolRole, "warm-one"),
            new ChatMessage(ChatMessage.ToolRole, "cold-one"),
        ])
        { Tools = [s_weather] });

        int[] places = [.. new[] { "Rome", "warm-one", "Oslo", "cold-one" }.Select(part => text.IndexOf(part, StringComparison.Ordinal))];
        Assert.All(places, place => Assert.True(place >= 0, text));
        Assert.True(places[0] < places[2] && places[1] < places[3] && places[0] < places[1], text);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Rendering_IsThatOfPython_WhereTheTemplateTakesTheMessages(string name)
    {
        foreach (JsonNode? item in JsonNode.Parse(File.ReadAllText(Golden.Path("templates", "cases.json")))!.AsArray())
        {
            Conversation? conversation = (string)item!["template"]! != name || item["error"] is not null ? null : (string)item["case"]! switch
            {
                "user" => new Conversation([new ChatMessage(ChatMessage.UserRole, "Hello, who are you?")]),
                "system" => new Conversation([new ChatMessage(ChatMessage.SystemRole, "You are a helpful assistant."), new ChatMessage(ChatMessage.UserRole, "What is 2+2?")]),
                "tools" => new Conversation([new ChatMessage(ChatMessage.UserRole, "Weather in Paris?")]) { Tools = [s_weather, s_add] },
                "tool_call" => new Conversation(s_callAndResult) { Tools = [s_weather, s_add] },
                "think_off" => new Conversation([new ChatMessage(ChatMessage.UserRole, "Hi")]) { Thinking = Thinking.Off },
                _ => null,
            };
            if (conversation is null || TemplateAbilities.Probe(Template(name)) is var abilities && !Takes(abilities, conversation))
            {
                continue;
            }

            string expected = (string)item["expected"]!;
            Assert.Equal(name == "openai-gpt-oss-120b" && conversation.Thinking is not null ? expected.Replace("Reasoning: medium", "Reasoning: low", StringComparison.Ordinal) : expected, Render(name, conversation));
        }
    }

    [Theory]
    [InlineData("Qwen-Qwen3-0.6B", true, true, true, true, true)]
    [InlineData("Kimi-K2-Instruct", true, true, true, true, true)]
    [InlineData("deepseek-ai-DeepSeek-V3.1", true, false, true, true, true)]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct", true, true, true, false, true)]
    [InlineData("openai-gpt-oss-120b", true, true, true, false, true)]
    [InlineData("google-gemma-2-2b-it", false, false, false, false, false)]
    [InlineData("HuggingFaceTB-SmolLM3-3B", true, false, false, false, true)]
    [InlineData("ibm-granite-granite-3.3-2B-Instruct", true, true, false, false, true)]
    public void Abilities_AreWhatTheTemplateCanSay(string name, bool system, bool tools, bool calls, bool parallel, bool results)
    {
        TemplateAbilities abilities = TemplateAbilities.Probe(Template(name));

        Assert.Equal(
            (system, tools, calls, parallel, results), (abilities.System, abilities.Tools, abilities.ToolCalls, abilities.ParallelCalls, abilities.ToolMessages));
    }

    [Fact]
    public void TemplateThatTakesArgumentsAsText_GetsThem()
    {
        TemplateAbilities abilities = TemplateAbilities.Probe(Template("deepseek-ai-DeepSeek-R1-Distill-Llama-8B"));

        Assert.True(abilities is { ToolCalls: true, ArgumentsAsText: true, NullContent: true, Tools: false });
    }

    [Fact]
    public void Phi4Mini_GetsToolsInItsSystemMessage()
    {
        ChatTemplate template = ChatTemplate.Parse(
            """
            {% for message in messages %}{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|>' + '<|end|>' }}{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}
            """);
        Conversation conversation = new([new ChatMessage(ChatMessage.UserRole, "Hi")]) { Tools = [s_add] };

        string text = template.Render(TemplateMessages.Context(conversation, conversation.Tools, new Lazy<TemplateAbilities>(() => TemplateAbilities.Probe(template)), template.Source), null, TestContext.Current.CancellationToken);

        Assert.StartsWith("<|system|><|tool|>[{", text, StringComparison.Ordinal);
        Assert.Contains("Add two numbers", text, StringComparison.Ordinal);
    }

    [Fact]
    public void GoTemplate_SaysToolsAndCalls()
    {
        ChatTemplate template = ChatTemplate.Parse(new ChatTemplateSource(
            TemplateLanguage.Go,
            "{{ .System }}{{ range .Tools }}[{{ . }}]{{ end }}{{ range .Messages }}<{{ .Role }}>{{ .Content }}{{ range .ToolCalls }}<tool_call>{{ .Function.Name }} {{ .Function.Arguments }}</tool_call>{{ end }}{{ end }}"));
        Conversation conversation = new(s_callAndResult) { Tools = [s_weather] };

        string text = template.Render(TemplateMessages.Context(conversation, conversation.Tools, new Lazy<TemplateAbilities>(() => TemplateAbilities.Probe(template)), template.Source), null, TestContext.Current.CancellationToken);

        Assert.Contains("City name", text, StringComparison.Ordinal);
        Assert.Contains("<tool_call>get_weather {\"city\":\"Paris\",\"unit\":\"c\"}</tool_call>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Thinking_IsSaidInTheTemplatesWords()
    {
        Conversation conversation = new([new ChatMessage(ChatMessage.UserRole, "Hi")]);

        Assert.EndsWith("<think>\n\n</think>\n\n", Render("Qwen-Qwen3-0.6B", conversation with { Thinking = Thinking.Off }), StringComparison.Ordinal);
        Assert.EndsWith("assistant\n", Render("Qwen-Qwen3-0.6B", conversation with { Thinking = Thinking.On }), StringComparison.Ordinal);
        Assert.EndsWith("<think>", Render("deepseek-ai-DeepSeek-V3.1", conversation with { Thinking = Thinking.On }), StringComparison.Ordinal);
        Assert.Contains("Reasoning: high", Render("openai-gpt-oss-120b", conversation with { Thinking = Thinking.With("high") }), StringComparison.Ordinal);
    }

    [Fact]
    public void IdsOfOtherModels_BecomeThoseThatMistralTakes()
    {
        ChatMessage[] messages =
        [
            new(ChatMessage.UserRole, "Hi"),
            new(ChatMessage.AssistantRole, "") { ToolCalls = [new ChatToolCall("call_0123456789abcdef", "add", "{}")] },
            new(ChatMessage.ToolRole, "3") { ToolCallId = "call_0123456789abcdef" },
        ];

        IReadOnlyList<ChatMessage> completed = ToolCallIds.Complete(messages, needsShortIds: true);

        Assert.Matches("^[0-9A-Za-z]{9}$", completed[1].ToolCalls[0].Id);
        Assert.Equal(completed[1].ToolCalls[0].Id, completed[2].ToolCallId);
        Assert.Equal("add", completed[2].ToolName);
    }

    [Fact]
    public void ResultsWithoutIds_BelongToTheirCalls()
    {
        ChatMessage[] messages =
        [
            new(ChatMessage.AssistantRole, "") { ToolCalls = [new ChatToolCall(null, "a", "{}"), new ChatToolCall(null, "b", "{}")] },
            new(ChatMessage.ToolRole, "of b") { ToolName = "b" },
            new(ChatMessage.ToolRole, "of a"),
        ];

        IReadOnlyList<ChatMessage> completed = ToolCallIds.Complete(messages, needsShortIds: false);

        Assert.Equal(completed[0].ToolCalls[1].Id, completed[1].ToolCallId);
        Assert.Equal(completed[0].ToolCalls[0].Id, completed[2].ToolCallId);
        Assert.Equal("a", completed[2].ToolName);
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    [InlineData("[1]", "{\"arguments\":\"[1]\"}")]
    [InlineData("{\"a\":", "{\"arguments\":\"{\\u0022a\\u0022:\"}")]
    [InlineData("{\"a\":\"\\ud800\"}", "{\"arguments\":\"{\\u0022a\\u0022:\\u0022\\\\ud800\\u0022}\"}")]
    [InlineData("{\"a\":1,\"a\":2}", "{\"arguments\":\"{\\u0022a\\u0022:1,\\u0022a\\u0022:2}\"}")]
    public void Arguments_AreAlwaysAnObject(string arguments, string expected) =>
        Assert.Equal(expected, TemplateMessages.ArgumentsOf(new ChatToolCall(null, "f", arguments)).ToJsonString());

    private static bool Takes(TemplateAbilities abilities, Conversation conversation) =>
        (conversation.Tools.Count == 0 || abilities.Tools)
        && (abilities.System || conversation.Messages.All(message => message.Role != ChatMessage.SystemRole))
        && ((abilities.ToolCalls && abilities.ToolMessages && !abilities.NullContent && !abilities.ArgumentsAsText) || conversation.Messages.All(message => message.ToolCalls.Count == 0));

    private static ChatTemplate Template(string name) => ChatTemplate.Parse(File.ReadAllText(Golden.Path("templates", name + ".jinja")));

    private static string Render(string name, Conversation conversation)
    {
        ChatTemplate template = Template(name);
        JsonObject context = TemplateMessages.Context(conversation, conversation.Tools, new Lazy<TemplateAbilities>(() => TemplateAbilities.Probe(template)), template.Source);
        context["bos_token"] = "<s>";
        context["eos_token"] = "</s>";
        return template.Render(context, new TemplateRenderOptions { Clock = new FixedClock() }, TestContext.Current.CancellationToken);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    }
}
