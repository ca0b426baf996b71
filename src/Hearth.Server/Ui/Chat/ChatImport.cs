using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Server.Chat;

namespace Hearth.Server.Ui.Chat;

/// <summary>Reads conversations from files, which anybody may have written.</summary>
internal static class ChatImport
{
    private const int MaxMessages = 100_000;
    private static readonly string[] s_roles = [ChatMessage.UserRole, ChatMessage.AssistantRole, ChatMessage.ToolRole];

    /// <summary>Reads what was exported. It gets a name of its own, so that it takes the place of no other one.</summary>
    /// <exception cref="JsonException">It is not JSON, or of another shape.</exception>
    /// <exception cref="FormatException">It is no conversation.</exception>
    public static ChatDocument ReadJson(string text, TimeProvider time)
    {
        ChatFile file = JsonSerializer.Deserialize(text, ChatJson.Default.ChatFile) ?? throw new FormatException("it is empty.");
        if (file is not { Chat: not null, Nodes.Count: > 0 and <= MaxMessages } || file.Nodes.Any(node => node is not { Id.Length: > 0, Content: not null } || !s_roles.Contains(node.Role)))
        {
            throw new FormatException("it has no messages, or messages without a name or of an unknown role.");
        }

        ChatDocument chat = file.Open();
        ChatDocument copy = new()
        {
            Id = ChatNode.NewId(),
            Title = chat.Title ?? string.Empty,
            Created = chat.Created,
            Updated = time.GetUtcNow(),
            Model = chat.Model,
            System = chat.System ?? string.Empty,
            Settings = chat.Settings ?? new JsonObject(),
            Leaf = chat.Leaf,
        };
        foreach ((string id, ChatNode node) in chat.Nodes)
        {
            copy.Nodes[id] = node;
        }

        return copy;
    }
}
