namespace Hearth.Server.Chat;

/// <summary>One message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">Its text.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>Instructions for the model.</summary>
    public const string SystemRole = "system";

    /// <summary>The person or program that asks.</summary>
    public const string UserRole = "user";

    /// <summary>The model.</summary>
    public const string AssistantRole = "assistant";
}
