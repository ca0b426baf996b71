using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;

namespace Hearth.Server.OpenAi;

/// <summary>Writes answers in the shapes of <c>chat.completion</c> and <c>chat.completion.chunk</c>.</summary>
/// <param name="model">The model's name.</param>
/// <param name="created">When the answer was begun.</param>
/// <param name="usesFunctions">Whether calls are written as <c>function_call</c>, of which there is one at most.</param>
/// <param name="hasLogProbabilities">Whether log-probabilities were asked for.</param>
internal sealed class ChatWriter(string model, DateTimeOffset created, bool usesFunctions, bool hasLogProbabilities)
{
    private const string FunctionType = "function";
    private readonly string _id = Endpoint.NewId("chatcmpl");
    private readonly long _created = created.ToUnixTimeSeconds();

    /// <summary>A token's log-probability, and those of the likeliest in its place.</summary>
    public static ChatTokenLogProbability LogProbability(TokenProbability token) => Entry(token) with { GreedyRank = token.Rank, TopLogprobs = [.. token.Top.Select(Entry)] };

    /// <summary>All answers, complete.</summary>
    public ChatCompletion Completion(IReadOnlyList<ChatAnswer> answers, GenerationTotals totals)
    {
        ChatChoice[] choices = [.. answers.Select((answer, index) => new ChatChoice(index, Message(answer), LogProbabilities(answer.LogProbabilities), NameOf(answer.Finished!.Reason)))];
        return new ChatCompletion(_id, _created, model, choices, OpenAiUsage.Of(totals)) { Timings = OpenAiUsage.TimingsOf(totals) };
    }

    /// <summary>The first chunk of an answer.</summary>
    public ChatChunk Beginning(int index) => Chunk(index, new ChatDelta { Role = ChatMessage.AssistantRole, Content = string.Empty });

    /// <summary>The chunk for an event; null for one that has none.</summary>
    /// <param name="index">The answer's number.</param>
    /// <param name="happened">The event.</param>
    /// <param name="totals">With the last event of all answers, what they took.</param>
    public ChatChunk? Chunk(int index, ChatEvent happened, GenerationTotals? totals) => happened switch
    {
        ReasoningDelta reasoning => Chunk(index, new ChatDelta { ReasoningContent = reasoning.Text }),
        ContentDelta content => Chunk(index, new ChatDelta { Content = content.Text }, LogProbabilities(content.LogProbabilities)),
        ToolCallStarted call => Chunk(index, Call(call.Index, call.Id, new FunctionBody { Name = call.Name, Arguments = string.Empty })),
        ToolCallArguments arguments => Chunk(index, Call(arguments.Index, null, new FunctionBody { Arguments = arguments.Json })),
        ChatFinished finished => Chunk(index, new ChatDelta(), null, NameOf(finished.Reason)) with { Timings = totals is null ? null : OpenAiUsage.TimingsOf(totals) },
        _ => null,
    };

    /// <summary>The chunk after the last answer.</summary>
    public ChatChunk Usage(GenerationTotals totals) => new(_id, _created, model, []) { Usage = OpenAiUsage.Of(totals) };

    private ChatChunk Chunk(int index, ChatDelta delta, ChatLogProbabilities? logProbabilities = null, string? reason = null) =>
        new(_id, _created, model, [new ChatChunkChoice(index, delta, logProbabilities, reason)]);

    private ChatDelta Call(int index, string? id, FunctionBody function) => usesFunctions
        ? new ChatDelta { FunctionCall = function }
        : new ChatDelta { ToolCalls = [new ToolCallBody(function) { Index = index, Id = id, Type = id is null ? null : FunctionType }] };

    private AssistantMessage Message(ChatAnswer answer)
    {
        ToolCallBody[] calls =
        [
            .. answer.ToolCalls.Select(call => new ToolCallBody(new FunctionBody { Name = call.Name, Arguments = call.Arguments }) { Id = call.Id, Type = FunctionType }),
        ];
        string content = answer.Content;
        return new AssistantMessage(content.Length == 0 && calls.Length > 0 ? null : content)
        {
            ReasoningContent = answer.Reasoning.Length == 0 ? null : answer.Reasoning,
            ToolCalls = usesFunctions || calls.Length == 0 ? null : calls,
            FunctionCall = usesFunctions && calls.Length > 0 ? calls[0].Function : null,
        };
    }

    private string NameOf(ChatFinishReason reason) => reason switch
    {
        ChatFinishReason.ToolCalls => usesFunctions ? "function_call" : "tool_calls",
        ChatFinishReason.Length => "length",
        _ => "stop",
    };

    private ChatLogProbabilities? LogProbabilities(IReadOnlyList<TokenProbability> tokens) =>
        hasLogProbabilities ? new ChatLogProbabilities([.. tokens.Select(LogProbability)]) : null;

    private static ChatTokenLogProbability Entry(TokenProbability token) => new(TokenJson.Text(token), TokenJson.LogProbability(token), TokenJson.Bytes(token));
}
