namespace Hearth.Server.Chat;

/// <summary>One message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">Its text; may be empty in a message with tool calls. Of a tool's message, the result.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>Instructions for the model.</summary>
    public const string SystemRole = "system";

    /// <summary>The person or program that asks.</summary>
    public const string UserRole = "user";

    /// <summary>The model.</summary>
    public const string AssistantRole = "assistant";

    /// <summary>A tool that the model has called.</summary>
    public const string ToolRole = "tool";

    /// <summary>What the model thought before it wrote the text, of an assistant's message; null for nothing, or not known.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The tools that the model called after the text, of an assistant's message.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>The call that a tool's message answers; null when the API has no ids.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The tool that a tool's message comes from; null to take it from the call with that id.</summary>
    public string? ToolName { get; init; }
}

/// <summary>A tool call in an assistant's message.</summary>
/// <param name="Id">Its id; null when the API has none.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments as JSON text, which should be an object.</param>
public sealed record ChatToolCall(string? Id, string Name, string Arguments);
