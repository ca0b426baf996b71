using Hearth.Engine.Scheduling;

namespace Hearth.Server.Chat;

/// <summary>Something that happened while an answer was made. The last one is <see cref="ChatFinished"/>.</summary>
public abstract record ChatEvent;

/// <summary>Part of the prompt has been read.</summary>
/// <param name="Processed">Prompt tokens read so far.</param>
/// <param name="Total">Prompt tokens in all.</param>
public sealed record PromptRead(int Processed, int Total) : ChatEvent;

/// <summary>More of what the model thinks before it answers.</summary>
/// <param name="Text">The text; never empty.</param>
public sealed record ReasoningDelta(string Text) : ChatEvent;

/// <summary>More of the answer's text.</summary>
/// <param name="Text">The text; never empty.</param>
/// <param name="LogProbabilities">One entry per token behind it; empty unless asked for.</param>
public sealed record ContentDelta(string Text, IReadOnlyList<TokenProbability> LogProbabilities) : ChatEvent;

/// <summary>The model calls a tool. Its arguments follow, and then <see cref="ToolCallEnded"/>; calls never overlap.</summary>
/// <param name="Index">The call's number in the answer, from 0.</param>
/// <param name="Id">An id that no other call has; never empty.</param>
/// <param name="Name">The tool's name. It need not be one of the conversation's tools: models make names up.</param>
public sealed record ToolCallStarted(int Index, string Id, string Name) : ChatEvent;

/// <summary>More of a call's arguments.</summary>
/// <param name="Index">The call's number.</param>
/// <param name="Json">A piece of JSON text; all pieces of the call together are one object.</param>
public sealed record ToolCallArguments(int Index, string Json) : ChatEvent;

/// <summary>A call has ended.</summary>
/// <param name="Index">The call's number.</param>
/// <param name="IsComplete">
/// Whether the arguments are a whole JSON object. False only when arguments were asked for early (see <see cref="ChatRunOptions"/>) and
/// broke off: the answer was cut, or the model made a mistake.
/// </param>
public sealed record ToolCallEnded(int Index, bool IsComplete) : ChatEvent;

/// <summary>The answer is complete.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="StopText">The stop string that ended it, if one did.</param>
/// <param name="Usage">Tokens read and made.</param>
/// <param name="ReasoningTokens">Those of the tokens made that were reasoning, its marks included.</param>
/// <param name="Timings">How long they took.</param>
public sealed record ChatFinished(ChatFinishReason Reason, string? StopText, GenerationUsage Usage, int ReasoningTokens, GenerationTimings Timings) : ChatEvent;

/// <summary>Why an answer ended.</summary>
public enum ChatFinishReason
{
    /// <summary>The model ended it, or a stop string did.</summary>
    Stop,

    /// <summary>The token limit or the end of the context was reached; what was called before may be incomplete.</summary>
    Length,

    /// <summary>The model ended it and waits for the results of the tools that it called.</summary>
    ToolCalls,
}
