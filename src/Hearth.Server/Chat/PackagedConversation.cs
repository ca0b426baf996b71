namespace Hearth.Server.Chat;

/// <summary>What conversations with a model begin with, because it is packaged so.</summary>
/// <param name="System">Instructions for conversations that bring none; null for none.</param>
/// <param name="Messages">Messages ahead of those of the conversation.</param>
public sealed record PackagedConversation(string? System, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>Nothing.</summary>
    public static readonly PackagedConversation None = new(null, []);

    /// <summary>A conversation as the model is asked it: its own instructions, or those of the package; the package's messages; its own messages.</summary>
    public IReadOnlyList<ChatMessage> Begin(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ChatMessage[] own = [.. messages.TakeWhile(message => message.Role == ChatMessage.SystemRole)];
        ChatMessage[] system = own.Length > 0 || string.IsNullOrEmpty(System) ? own : [new ChatMessage(ChatMessage.SystemRole, System)];
        return [.. system, .. Messages, .. messages.Skip(own.Length)];
    }
}
