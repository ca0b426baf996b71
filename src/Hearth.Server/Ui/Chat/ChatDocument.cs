using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Hearth.Server.Ui.Chat;

/// <summary>A conversation as the browser keeps it, without its messages.</summary>
public sealed class ChatDocument
{
    private const int MaxTitle = 60;

    /// <summary>Its name; no other conversation has it.</summary>
    public required string Id { get; init; }

    /// <summary>What it is called in lists.</summary>
    public string Title { get; set; } = string.Empty;

    /// <summary>When it was begun.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When something was said last.</summary>
    public DateTimeOffset Updated { get; set; }

    /// <summary>The model that answers; null for the first that can.</summary>
    public string? Model { get; set; }

    /// <summary>Instructions for the model.</summary>
    public string System { get; set; } = string.Empty;

    /// <summary>Fields of requests that were set, by their names in OpenAI's API; none that has its default.</summary>
    public JsonObject Settings { get; set; } = [];

    /// <summary>The last message that is shown.</summary>
    public string? Leaf { get; set; }

    /// <summary>Whether it is kept nowhere.</summary>
    [JsonIgnore]
    public bool IsPrivate { get; set; }

    /// <summary>The messages, by their names.</summary>
    [JsonIgnore]
    public Dictionary<string, ChatNode> Nodes { get; } = new(StringComparer.Ordinal);

    /// <summary>The messages that are shown, oldest first.</summary>
    public List<ChatNode> Path()
    {
        List<ChatNode> path = [];
        HashSet<string> seen = [];
        for (string? id = Leaf; id is not null && Nodes.TryGetValue(id, out ChatNode? node) && seen.Add(id); id = node.Parent)
        {
            path.Add(node);
        }

        path.Reverse();
        return path;
    }

    /// <summary>The messages in the place of one, which is one of them, the oldest first.</summary>
    public IReadOnlyList<ChatNode> Siblings(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return [.. Nodes.Values.Where(other => other.Parent == node.Parent).OrderBy(other => other.Created).ThenBy(other => other.Id, StringComparer.Ordinal)];
    }

    /// <summary>Adds a message and shows it.</summary>
    public void Add(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        Nodes[node.Id] = node;
        Leaf = node.Id;
        Updated = node.Created;
        if (Title.Length == 0 && node.Role == Hearth.Server.Chat.ChatMessage.UserRole)
        {
            string line = string.Join(' ', node.Content.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Title = line.Length <= MaxTitle ? line : line[..(char.IsHighSurrogate(line[MaxTitle - 1]) ? MaxTitle - 1 : MaxTitle)] + "…";
        }
    }

    /// <summary>Shows the branch that a message is on, as far as it was continued last.</summary>
    public void Show(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        ILookup<string?, ChatNode> children = Nodes.Values.ToLookup(other => other.Parent);
        HashSet<string> seen = [node.Id];
        ChatNode last = node;
        while (children[last.Id].MaxBy(child => child.Created) is ChatNode child && seen.Add(child.Id))
        {
            last = child;
        }

        Leaf = last.Id;
    }
}

/// <summary>A conversation in a list.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Updated">When something was said last.</param>
public sealed record ChatSummary(string Id, string Title, DateTimeOffset Updated);

/// <summary>A conversation with its messages: what is exported, and what the browser gives.</summary>
/// <param name="Chat">The conversation.</param>
/// <param name="Nodes">Its messages.</param>
public sealed record ChatFile(ChatDocument Chat, IReadOnlyList<ChatNode> Nodes)
{
    /// <summary>The conversation, its messages in it.</summary>
    public ChatDocument Open()
    {
        foreach (ChatNode node in Nodes)
        {
            Chat.Nodes[node.Id] = node;
        }

        if (Chat.Leaf is null || !Chat.Nodes.ContainsKey(Chat.Leaf))
        {
            Chat.Leaf = Nodes.MaxBy(node => node.Created)?.Id;
        }

        return Chat;
    }
}
