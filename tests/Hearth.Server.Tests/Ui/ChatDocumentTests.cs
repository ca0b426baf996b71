using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Server.Chat;
using Hearth.Server.Ui.Chat;

namespace Hearth.Server.Tests.Ui;

/// <summary>Conversations as trees, as files and as requests.</summary>
public sealed class ChatDocumentTests
{
    private static readonly DateTimeOffset s_begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Branches_AreShownAsFarAsTheyWereContinuedLast()
    {
        ChatDocument chat = Tree();

        Assert.Equal(["q1", "a2", "q3"], chat.Path().Select(node => node.Id));
        chat.Show(chat.Nodes["a1"]);
        Assert.Equal(["q1", "a1", "q2"], chat.Path().Select(node => node.Id));
        Assert.Equal(["a1", "a2"], chat.Siblings(chat.Nodes["a2"]).Select(node => node.Id));
        Assert.Equal("First question", chat.Title);
    }

    [Fact]
    public void CircleOfMessages_EndsSomewhere()
    {
        ChatDocument chat = new() { Id = "c", Leaf = "a" };
        chat.Nodes["a"] = Node("a", "b", ChatMessage.UserRole, "x", 0);
        chat.Nodes["b"] = Node("b", "a", ChatMessage.AssistantRole, "y", 1);

        Assert.Equal(2, chat.Path().Count);
        chat.Show(chat.Nodes["a"]);
        Assert.Equal(2, chat.Path().Count);
    }

    [Fact]
    public void JsonFile_KeepsEverything()
    {
        ChatDocument chat = Tree();
        chat.Settings = new JsonObject { ["temperature"] = 0.5 };
        chat.Nodes["a2"].Tokens = [new TokenChoice(1, [0xC3], -0.5f, [new TokenChoice(2, [65], -1, [])])];

        ChatDocument read = ChatImport.ReadJson(JsonSerializer.Serialize(new ChatFile(chat, [.. chat.Nodes.Values]), ChatJson.Default.ChatFile), TimeProvider.System);

        Assert.NotEqual(chat.Id, read.Id);
        Assert.Equal(chat.Path().Select(node => (node.Id, node.Content)), read.Path().Select(node => (node.Id, node.Content)));
        Assert.Equal(chat.Nodes.Count, read.Nodes.Count);
        Assert.Equal([0xC3], read.Nodes["a2"].Tokens![0].Bytes);
        Assert.Equal("0.5", read.Settings["temperature"]!.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"chat": {"id": "a"}, "nodes": []}""")]
    [InlineData("""{"chat": {"id": "a"}, "nodes": [null]}""")]
    [InlineData("""{"chat": {"id": "a"}, "nodes": [{"id": "1", "role": "system", "content": ""}]}""")]
    [InlineData("""{"chat": {"id": "a"}, "nodes": [{"id": "1", "role": "user", "content": null}]}""")]
    public void FileThatIsNoConversation_IsRefused(string text) =>
        Assert.True(Record.Exception(() => ChatImport.ReadJson(text, TimeProvider.System)) is JsonException or FormatException);

    [Fact]
    public void MarkdownFile_KeepsWhatIsShown()
    {
        ChatDocument chat = Tree();
        chat.System = "Be brief.\n## You\nreally";
        chat.Nodes["a2"].Content = "## Model\n\n- a list\n\n## You";

        ChatDocument read = ChatMarkdown.Read(ChatMarkdown.Write(chat), TimeProvider.System);

        Assert.Equal(chat.System, read.System);
        Assert.Equal(chat.Title, read.Title);
        Assert.Equal(chat.Path().Select(node => (node.Role, node.Content)), read.Path().Select(node => (node.Role, node.Content)));
    }

    [Fact]
    public void Request_IsOneOfOpenAis()
    {
        ChatDocument chat = new() { Id = "c", System = "Be kind.", Model = "m", Settings = new JsonObject { ["top_k"] = 3, [ChatRequestBody.LogProbabilities] = true } };
        chat.Add(Node("q", null, ChatMessage.UserRole, "1 + 2?", 0));
        ChatNode call = Node("a", "q", ChatMessage.AssistantRole, "I add.", 1);
        (call.Reasoning, call.ToolCalls) = ("A sum.", [new ChatToolCall("call_1", "add", "{\"a\":1}")]);
        chat.Add(call);
        chat.Add(new ChatNode { Id = "t", Parent = "a", Role = ChatMessage.ToolRole, Content = "3", ToolCallId = "call_1" });

        Assert.Equal(
            """{"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"1 \u002B 2?"},{"role":"assistant","content":"I add.","reasoning_content":"A sum.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\u0022a\u0022:1}"}}]},{"role":"tool","content":"3","tool_call_id":"call_1"}],"model":"m","top_k":3,"logprobs":true,"top_logprobs":8}""",
            ChatRequestBody.Write(chat, chat.Path()).ToJsonString());
    }

    [Fact]
    public void Alternative_FollowsTheTokensBeforeIt()
    {
        ChatNode node = Node("a", null, ChatMessage.AssistantRole, "one two", 0);
        node.Raw = "<think>\nhm\n</think>\n\none two";
        node.Tokens = [Token(1, "one"), Token(2, " two")];

        AnswerStart start = AnswerStart.Instead(node, 1, Token(3, " three"));

        Assert.Equal(("<think>\nhm\n</think>\n\n", "one three"), (start.Head, start.Text));
        Assert.Equal([1, 3], start.Tokens!.Select(token => token.Id));
    }

    [Theory]
    [InlineData("0.7", "0.7")]
    [InlineData("3", "3")]
    [InlineData("1e400", "\"1e400\"")]
    [InlineData("x", "\"x\"")]
    [InlineData("", null)]
    public void Setting_IsANumberWhereItIsOne(string text, string? expected)
    {
        JsonObject settings = new() { ["temperature"] = 1 };

        SettingField.Common[0].Set(settings, text);

        Assert.Equal(expected, settings["temperature"]?.ToJsonString());
    }

    private static TokenChoice Token(int id, string text) => new(id, System.Text.Encoding.UTF8.GetBytes(text), 0, []);

    private static ChatNode Node(string id, string? parent, string role, string content, int minute) =>
        new() { Id = id, Parent = parent, Role = role, Content = content, Created = s_begin.AddMinutes(minute) };

    private static ChatDocument Tree()
    {
        ChatDocument chat = new() { Id = "c", Created = s_begin };
        chat.Add(Node("q1", null, ChatMessage.UserRole, "First\nquestion", 0));
        chat.Add(Node("a1", "q1", ChatMessage.AssistantRole, "one", 1));
        chat.Add(Node("q2", "a1", ChatMessage.UserRole, "more", 2));
        chat.Add(Node("a2", "q1", ChatMessage.AssistantRole, "two", 3));
        chat.Add(Node("q3", "a2", ChatMessage.UserRole, "else", 4));
        return chat;
    }
}
