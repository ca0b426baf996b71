using Hearth.Server.Chat;

namespace Hearth.Server.Anthropic;

/// <summary>Writes answers in the shape of a <c>message</c>, whole or as the events of a stream.</summary>
/// <param name="model">The model's name.</param>
/// <param name="promptTokens">Tokens of the conversation.</param>
/// <param name="hasStops">Whether the request names stop sequences.</param>
internal sealed class MessageWriter(string model, int promptTokens, bool hasStops)
{
    private const string OwnPrefix = "call_";
    private const string Text = "text";
    private const string Thinking = "thinking";
    private const string ToolUse = "tool_use";
    private readonly string _id = $"msg_{Guid.NewGuid():N}";
    private int _index = -1;
    private string? _open;

    /// <summary>An answer, complete.</summary>
    public MessageBody Message(ChatAnswer answer)
    {
        List<ContentBlock> content = [];
        if (answer.Reasoning.Length > 0)
        {
            content.Add(new ContentBlock(Thinking) { Thinking = answer.Reasoning, Signature = string.Empty });
        }

        if (answer.Content.Length > 0)
        {
            content.Add(new ContentBlock(Text) { Text = answer.Content });
        }

        content.AddRange(answer.ToolCalls.Select(call => new ContentBlock(ToolUse)
        {
            Id = IdOf(call.Id!),
            Name = call.Name,
            Input = TemplateMessages.ArgumentsOf(call),
        }));
        ChatFinished finished = answer.Finished!;
        return new MessageBody(_id, model, content, ReasonOf(finished), StopOf(finished), UsageOf(finished));
    }

    /// <summary>The first event of a stream.</summary>
    public StreamEvent Beginning() => new("message_start") { Message = new MessageBody(_id, model, [], null, null, new MessageUsage(promptTokens, 0, 0)) };

    /// <summary>The events for what happened while the answer was made.</summary>
    public IEnumerable<StreamEvent> Events(ChatEvent happened) => happened switch
    {
        // Proxies give up on streams in which nothing comes for long.
        PromptRead read when read.Processed < read.Total => [new StreamEvent("ping")],
        ReasoningDelta reasoning =>
        [
            .. Open(new ContentBlock(Thinking) { Thinking = string.Empty, Signature = string.Empty }),
            Delta(new BlockDelta("thinking_delta") { Thinking = reasoning.Text }),
        ],
        ContentDelta content => [.. Open(new ContentBlock(Text) { Text = string.Empty }), Delta(new BlockDelta("text_delta") { Text = content.Text })],
        ToolCallStarted call => [.. Close(), .. Open(new ContentBlock(ToolUse) { Id = IdOf(call.Id), Name = call.Name, Input = [] })],
        ToolCallArguments arguments => [Delta(new BlockDelta("input_json_delta") { PartialJson = arguments.Json })],
        ToolCallEnded or ChatFinished => Close(),
        _ => [],
    };

    /// <summary>The event that says how the answer ended.</summary>
    public MessageDeltaEvent Ending(ChatFinished finished) => new(new MessageDelta(ReasonOf(finished), StopOf(finished)), UsageOf(finished));

    private List<StreamEvent> Open(ContentBlock block)
    {
        if (_open == block.Type)
        {
            return [];
        }

        List<StreamEvent> events = Close();
        _open = block.Type;
        events.Add(new StreamEvent("content_block_start") { Index = ++_index, ContentBlock = block });
        return events;
    }

    private List<StreamEvent> Close()
    {
        List<StreamEvent> events = [];
        if (_open == Thinking)
        {
            events.Add(Delta(new BlockDelta("signature_delta") { Signature = string.Empty }));
        }

        if (_open is not null)
        {
            events.Add(new StreamEvent("content_block_stop") { Index = _index });
        }

        _open = null;
        return events;
    }

    private StreamEvent Delta(BlockDelta delta) => new("content_block_delta") { Index = _index, Delta = delta };

    private string ReasonOf(ChatFinished finished) => finished.Reason switch
    {
        ChatFinishReason.ToolCalls => ToolUse,
        ChatFinishReason.Length => "max_tokens",
        _ => StopOf(finished) is null ? "end_turn" : "stop_sequence",
    };

    private string? StopOf(ChatFinished finished) => hasStops && finished.Reason == ChatFinishReason.Stop ? finished.StopText : null;

    private static MessageUsage UsageOf(ChatFinished finished) =>
        new(finished.Usage.PromptTokens - finished.Usage.CachedTokens, finished.Usage.CompletionTokens, finished.Usage.CachedTokens);

    // Ids that a model made up itself are kept: its template may be particular about them.
    private static string IdOf(string id) => id.StartsWith(OwnPrefix, StringComparison.Ordinal) ? $"toolu_{id[OwnPrefix.Length..]}" : id;
}
