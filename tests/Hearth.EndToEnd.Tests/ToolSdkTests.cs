using System.ClientModel;
using System.Text;
using Hearth.Tests;
using OpenAI;
using OpenAI.Chat;

namespace Hearth.EndToEnd.Tests;

/// <summary>Tool calls through the official OpenAI .NET SDK, with a model that always makes the same call.</summary>
public sealed class ToolSdkTests : IAsyncLifetime
{
    private const string Model = "caller";
    private const string Reply = "<think>\nA sum.\n</think>\n\nI add.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1.5, \"b\": 2}}\n</tool_call>";
    private const string Template =
        "{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% for message in messages %}[{{ message.role }}]{{ message.content }}"
        + "{% for call in message.tool_calls %}<tool_call>{{ call.function.name }}{{ call.function.arguments | tojson }}</tool_call>{% endfor %}{% endfor %}";

    private readonly TemporaryFiles _files = new();
    private ServerProcess? _server;
    private ChatClient? _chat;

    public async ValueTask InitializeAsync()
    {
        string path = ScriptedModel.Write(_files.Combine(Model + ".gguf"), Reply, Template, "<|begin_of_reply|>", "<think>", "</think>", "<tool_call>", "</tool_call>");
        _server = await ServerProcess.StartAsync(path);
        _chat = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri($"http://{_server.Host}/v1") }).GetChatClient(Model);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _files.Dispose();
    }

    [Fact]
    public async Task Call_IsMadeAndAnswered()
    {
        List<ChatMessage> messages = [new UserChatMessage("1.5 + 2?")];
        ChatCompletion completion = await _chat!.CompleteChatAsync(messages, Options(), TestContext.Current.CancellationToken);

        Assert.Equal(ChatFinishReason.ToolCalls, completion.FinishReason);
        Assert.Equal("I add.", completion.Content[0].Text);
        Assert.True(completion.Usage.OutputTokenDetails.ReasoningTokenCount > 0);
        ChatToolCall call = Assert.Single(completion.ToolCalls);
        Assert.Equal(("add", """{"a": 1.5, "b": 2}"""), (call.FunctionName, call.FunctionArguments.ToString()));

        messages.AddRange([new AssistantChatMessage(completion), new ToolChatMessage(call.Id, "3.5")]);
        ChatCompletion next = await _chat.CompleteChatAsync(messages, Options(), TestContext.Current.CancellationToken);

        Assert.True(next.Usage.InputTokenCount > completion.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Call_IsStreamed()
    {
        StringBuilder text = new();
        StringBuilder arguments = new();
        List<string> names = [];
        ChatFinishReason? reason = null;
        await foreach (StreamingChatCompletionUpdate update in _chat!.CompleteChatStreamingAsync([new UserChatMessage("1.5 + 2?")], Options(), TestContext.Current.CancellationToken))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            reason ??= update.FinishReason;
            foreach (StreamingChatToolCallUpdate call in update.ToolCallUpdates)
            {
                names.AddRange(call.FunctionName is null ? [] : [call.FunctionName]);
                arguments.Append(call.FunctionArgumentsUpdate);
            }
        }

        Assert.Equal(("I add.", """{"a": 1.5, "b": 2}"""), (text.ToString(), arguments.ToString()));
        Assert.Equal(["add"], names);
        Assert.Equal(ChatFinishReason.ToolCalls, reason);
    }

    private static ChatCompletionOptions Options() => new()
    {
        Temperature = 0,
        Tools = { ChatTool.CreateFunctionTool("add", "Adds", BinaryData.FromString("""{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}}}""")) },
    };
}
