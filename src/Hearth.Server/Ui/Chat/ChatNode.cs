using System.Text.Json.Serialization;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;

namespace Hearth.Server.Ui.Chat;

/// <summary>A message of a conversation. Messages form a tree: whoever edits one, or asks again, adds a branch.</summary>
public sealed class ChatNode
{
    /// <summary>Its name; no other message of the conversation has it.</summary>
    public required string Id { get; init; }

    /// <summary>The message before it; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>Who says it, as <see cref="ChatMessage.Role"/>.</summary>
    public required string Role { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The text.</summary>
    public string Content { get; set; } = string.Empty;

    /// <summary>What the model thought before.</summary>
    public string? Reasoning { get; set; }

    /// <summary>The tools that the model calls.</summary>
    public IReadOnlyList<ChatToolCall>? ToolCalls { get; set; }

    /// <summary>The call that this is the result of.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The tool that gave the result.</summary>
    public string? ToolName { get; init; }

    /// <summary>All that the model wrote, marks included, where that is more than the text: what an answer is continued from.</summary>
    public string? Raw { get; set; }

    /// <summary>The model that wrote it.</summary>
    public string? Model { get; set; }

    /// <summary>What was measured.</summary>
    public AnswerFacts? Facts { get; set; }

    /// <summary>The tokens of the text with their probabilities, where they were asked for.</summary>
    public IReadOnlyList<TokenChoice>? Tokens { get; set; }

    /// <summary>Why there is no answer, or no whole one.</summary>
    public string? Error { get; set; }

    /// <summary>The text, laid out.</summary>
    [JsonIgnore]
    public LiveText? Live { get; set; }

    /// <summary>Changes with everything that shows.</summary>
    [JsonIgnore]
    public int Version { get; set; }

    /// <summary>What the model is doing right now; null when it is done.</summary>
    [JsonIgnore]
    public string? Activity { get; set; }

    /// <summary>A name for a new message.</summary>
    public static string NewId() => Guid.NewGuid().ToString("N")[..12];
}

/// <summary>What was measured while an answer was made.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">Those of them that were in the cache.</param>
/// <param name="CompletionTokens">Tokens made.</param>
/// <param name="ContextLength">Tokens that the model's context holds.</param>
/// <param name="FirstTokenSeconds">From the question to the first token.</param>
/// <param name="TokensPerSecond">Tokens made in a second, after the first one.</param>
/// <param name="Finish">Why it ended: <c>stop</c>, <c>length</c>, <c>tool_calls</c> or <c>stopped</c>.</param>
public sealed record AnswerFacts(
    int PromptTokens, int CachedTokens, int CompletionTokens, int ContextLength, double FirstTokenSeconds, double TokensPerSecond, string Finish);

/// <summary>A token that was chosen, and what could have been.</summary>
/// <param name="Id">The token's number.</param>
/// <param name="Bytes">Its bytes, which may be part of a character.</param>
/// <param name="LogProbability">Natural logarithm of its probability, before any sampling option.</param>
/// <param name="Top">The likeliest tokens, best first; empty in an alternative.</param>
public sealed record TokenChoice(int Id, byte[] Bytes, float LogProbability, IReadOnlyList<TokenChoice> Top)
{
    /// <summary>Its place in the model's own distribution, 0 for the likeliest; of a token that was chosen.</summary>
    public int Rank { get; init; }

    /// <summary>A token as the engine describes it.</summary>
    public static TokenChoice Of(TokenProbability token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new TokenChoice(token.Token, token.Bytes.ToArray(), token.LogProbability, [.. token.Top.Select(Of)]) { Rank = token.Rank };
    }
}
