using System.Threading.Channels;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;

namespace Hearth.Server.Tests.Chat;

/// <summary>The events of answers, from generations that the test writes.</summary>
public sealed class ChatRunTests
{
    private static readonly GenerationUsage s_usage = new(10, 20, 3);

    [Fact]
    public async Task Events_AreInOrder_WithTheTokensOfReasoning()
    {
        List<ChatEvent> events = await EventsAsync(new ReplyOptions { Tools = [new ReplyTool("add")] }, early: true, FinishReason.Stop,
            "<think>", "Hm", "</think>", "\n\n", "Hi", "<tool_call>", "{\"name\":\"add\",\"arguments\":", "{}", "}", "</tool_call>");

        Assert.Equal(new ReasoningDelta("Hm"), events[0]);
        Assert.Equal("Hi", Assert.IsType<ContentDelta>(events[1]).Text);
        ToolCallStarted call = Assert.IsType<ToolCallStarted>(events[2]);
        Assert.Equal((0, "add"), (call.Index, call.Name));
        Assert.Matches("^call_[0-9A-Za-z]{24}$", call.Id);
        Assert.Equal([new ToolCallArguments(0, "{}"), new ToolCallEnded(0, true)], events[3..5]);
        Assert.Equal(new ChatFinished(ChatFinishReason.ToolCalls, null, s_usage, 3, default), Assert.Single(events[5..]));
    }

    [Fact]
    public async Task IncompleteCall_IsNoReasonToCallTools()
    {
        List<ChatEvent> events = await EventsAsync(new ReplyOptions { Tools = [new ReplyTool("add")] }, early: true, FinishReason.Stop, "<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":");

        Assert.Contains(new ToolCallEnded(0, false), events);
        Assert.Equal(ChatFinishReason.Stop, Assert.IsType<ChatFinished>(events[^1]).Reason);
    }

    [Fact]
    public async Task LimitThatCutsTheReply_IsTheReason()
    {
        List<ChatEvent> events = await EventsAsync(new ReplyOptions { Tools = [new ReplyTool("add")] }, early: false, FinishReason.Length, "<tool_call>{\"name\":\"add\"}");

        Assert.Single(events.OfType<ToolCallStarted>());
        Assert.Equal(ChatFinishReason.Length, Assert.IsType<ChatFinished>(events[^1]).Reason);
    }

    [Fact]
    public async Task LogProbabilities_GoWithTheirText_HoweverCharactersAreSplit()
    {
        byte[][] tokens = ["<think>"u8.ToArray(), "H"u8.ToArray(), "</think>"u8.ToArray(), [0xE2, 0x80], [0x94], "x"u8.ToArray()];
        TokenProbability[] probabilities = [.. tokens.Select((bytes, id) => new TokenProbability(id, bytes, -id, []))];
        TextDelta[] deltas =
        [
            new("<think>", [probabilities[0]]), new("H", [probabilities[1]]), new("</think>", [probabilities[2]]), new("—", [probabilities[3], probabilities[4]]), new("x", [probabilities[5]]),
        ];

        List<ChatEvent> events = await EventsAsync(new ReplyOptions(), early: false, FinishReason.Stop, deltas);

        Assert.Equal([3, 4, 5], events.OfType<ContentDelta>().SelectMany(content => content.LogProbabilities).Select(token => token.Token));
    }

    [Fact]
    public async Task Answer_IsWhatItsEventsSay()
    {
        using ChatRun run = Run(new ReplyOptions { Tools = [new ReplyTool("add")] }, early: false, FinishReason.Stop,
            [new TextDelta("<think>a", []), new TextDelta("b</think>c <tool_call>{\"name\":\"add\",\"arguments\":{\"a\":1}}</tool_call>", [])]);

        ChatAnswer answer = Assert.Single(await run.CollectAsync(TestContext.Current.CancellationToken));

        Assert.Equal(("ab", "c"), (answer.Reasoning, answer.Content));
        Assert.Equal(("add", "{\"a\":1}"), (answer.ToolCalls[0].Name, answer.ToolCalls[0].Arguments));
        Assert.Equal(ChatFinishReason.ToolCalls, answer.Finished?.Reason);
    }

    private static Task<List<ChatEvent>> EventsAsync(ReplyOptions reply, bool early, FinishReason reason, params string[] texts) =>
        EventsAsync(reply, early, reason, [.. texts.Select(text => new TextDelta(text, []) { Tokens = 1 })]);

    private static async Task<List<ChatEvent>> EventsAsync(ReplyOptions reply, bool early, FinishReason reason, TextDelta[] deltas)
    {
        using ChatRun run = Run(reply, early, reason, deltas);
        List<ChatEvent> events = [];
        await run.ReadAsync((_, happened) => events.Add(happened), () => ValueTask.CompletedTask, TestContext.Current.CancellationToken);
        return events;
    }

    private static ChatRun Run(ReplyOptions reply, bool early, FinishReason reason, TextDelta[] deltas)
    {
        Channel<GenerationEvent> channel = Channel.CreateUnbounded<GenerationEvent>();
        foreach (TextDelta delta in deltas)
        {
            channel.Writer.TryWrite(delta);
        }

        channel.Writer.TryWrite(new GenerationFinished(reason, null, s_usage, default));
        channel.Writer.Complete();
        ChatPrompt prompt = new([1], "", ReplyFormat.Detect("<think><tool_call>", _ => false), reply, new HashSet<int>(), _ => true);
        return ChatRun.Read(new ChoiceRun([channel.Reader], [], 1), prompt, new ChatRunOptions { Generation = new GenerationRequest { Prompt = [] }, EarlyArguments = early });
    }
}
