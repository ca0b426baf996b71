using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Ollama;

/// <summary>Puts an answer into Ollama's shape, whole or in pieces.</summary>
/// <param name="model">The model's name, as the request has it.</param>
/// <param name="time">The clock.</param>
/// <param name="isChat">Whether the text is in a message.</param>
/// <param name="started">The clock's timestamp of when the request came.</param>
internal sealed class OllamaAnswer(string model, TimeProvider time, bool isChat, long started)
{
    private readonly ChatAnswer _answer = new();

    /// <summary>Whether log-probabilities were asked for.</summary>
    public bool HasLogProbabilities { get; init; }

    /// <summary>Whether no token was asked for, so that the one that was made is not told.</summary>
    public bool IsMuted { get; init; }

    /// <summary>What the answer's context is, of its whole text; null for none.</summary>
    public Func<string, IReadOnlyList<int>>? ContextOf { get; init; }

    /// <summary>How long the model took to load, or to be found loaded.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>The answer where nothing was asked but to load or unload.</summary>
    public AnswerBody Nothing(string reason) => Text(string.Empty) with { Done = true, DoneReason = reason };

    /// <summary>The prompt instead of an answer to it.</summary>
    public AnswerBody Prompt(string text) => Body() with { DebugInfo = new DebugBody(text) };

    /// <summary>The piece for an event; null for one that has none.</summary>
    public AnswerBody? Piece(ChatEvent happened)
    {
        _answer.Add(happened);
        return happened switch
        {
            ChatFinished finished => End(Text(string.Empty), finished),
            _ when IsMuted => null,
            ReasoningDelta reasoning => isChat ? Body() with { Message = Message(string.Empty) with { Thinking = reasoning.Text } } : Text(string.Empty) with { Thinking = reasoning.Text },
            ContentDelta content => Text(content.Text) with { Logprobs = LogProbabilities(content.LogProbabilities) },
            ToolCallEnded when isChat => Body() with { Message = Message(string.Empty) with { ToolCalls = [Call(_answer.ToolCalls.Count - 1)] } },
            _ => null,
        };
    }

    /// <summary>The whole answer, after all of its events.</summary>
    public AnswerBody Whole()
    {
        string? thinking = _answer.Reasoning is { Length: > 0 } text && !IsMuted ? text : null;
        AnswerBody body = Text(IsMuted ? string.Empty : _answer.Content);
        body = isChat
            ? body with { Message = body.Message! with { Thinking = thinking, ToolCalls = _answer.ToolCalls.Count == 0 ? null : [.. Enumerable.Range(0, _answer.ToolCalls.Count).Select(Call)] } }
            : body with { Thinking = thinking };
        return End(body, _answer.Finished!) with { Logprobs = IsMuted ? null : LogProbabilities(_answer.LogProbabilities) };
    }

    private AnswerBody Body() => new(model, OllamaWriter.Time(time.GetUtcNow()));

    private AnswerBody Text(string text) => isChat ? Body() with { Message = Message(text) } : Body() with { Response = text };

    private static MessageBody Message(string text) => new(ChatMessage.AssistantRole, text);

    private AnswerBody End(AnswerBody body, ChatFinished finished) => body with
    {
        Done = true,
        DoneReason = finished.Reason == ChatFinishReason.Length || IsMuted ? "length" : "stop",
        Context = ContextOf?.Invoke(IsMuted ? string.Empty : _answer.Content),
        TotalDuration = OllamaWriter.Duration(time.GetElapsedTime(started)),
        LoadDuration = OllamaWriter.Duration(LoadTime),
        PromptEvalCount = finished.Usage.PromptTokens,
        PromptEvalDuration = OllamaWriter.Duration(finished.Timings.Prompt),
        EvalCount = IsMuted ? 0 : finished.Usage.CompletionTokens,
        EvalDuration = OllamaWriter.Duration(IsMuted ? TimeSpan.Zero : finished.Timings.Completion),
    };

    private CallBody Call(int index)
    {
        ChatToolCall call = _answer.ToolCalls[index];
        return new CallBody(call.Id, new CallFunctionBody(index, call.Name, Arguments(call.Arguments)));
    }

    private static JsonNode Arguments(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? new JsonObject();
        }
        catch (JsonException)
        {
            return new JsonObject();
        }
    }

    private LogProbabilityBody[]? LogProbabilities(IReadOnlyList<TokenProbability> tokens) =>
        HasLogProbabilities && tokens.Count > 0 ? [.. tokens.Select(token => Entry(token) with { GreedyRank = token.Rank, TopLogprobs = token.Top.Count == 0 ? null : [.. token.Top.Select(Entry)] })] : null;

    private static LogProbabilityBody Entry(TokenProbability token) => new(TokenJson.Text(token), TokenJson.LogProbability(token), TokenJson.Bytes(token));
}
