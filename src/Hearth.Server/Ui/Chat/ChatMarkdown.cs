using System.Text;
using Hearth.Server.Chat;

namespace Hearth.Server.Ui.Chat;

/// <summary>A conversation as Markdown: a heading for each message, <c>## You</c> or <c>## Model</c>, and the branch that is shown.</summary>
internal static class ChatMarkdown
{
    private const string You = "## You";
    private const string Model = "## Model";
    private const string Tool = "## Tool";
    private const string System = "## System";

    /// <summary>Writes a conversation.</summary>
    public static string Write(ChatDocument chat)
    {
        StringBuilder text = new();
        text.Append("# ").Append(chat.Title.ReplaceLineEndings(" ")).Append("\n\n");
        if (chat.System.Length > 0)
        {
            text.Append(System).Append("\n\n").Append(Escape(chat.System)).Append("\n\n");
        }

        foreach (ChatNode node in chat.Path())
        {
            text.Append(node.Role switch { ChatMessage.UserRole => You, ChatMessage.ToolRole => Tool, _ => Model }).Append("\n\n").Append(Escape(node.Content)).Append("\n\n");
        }

        return text.ToString();
    }

    /// <summary>Reads a conversation.</summary>
    /// <exception cref="FormatException">There is no heading of a message.</exception>
    public static ChatDocument Read(string text, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        ChatDocument chat = new() { Id = ChatNode.NewId(), Created = now };
        string? heading = null;
        StringBuilder content = new();
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n').Append(You))
        {
            if (line is not (You or Model or Tool or System))
            {
                chat.Title = heading is null && line.StartsWith("# ", StringComparison.Ordinal) ? line[2..].Trim() : chat.Title;
                content.Append(line.StartsWith("\\##", StringComparison.Ordinal) ? line[1..] : line).Append('\n');
                continue;
            }

            string said = content.ToString().Trim();
            content.Clear();
            if (heading == System)
            {
                chat.System = said;
            }
            else if (heading is not null)
            {
                string role = heading switch { You => ChatMessage.UserRole, Tool => ChatMessage.ToolRole, _ => ChatMessage.AssistantRole };
                now = now.AddMilliseconds(1);
                chat.Add(new ChatNode { Id = ChatNode.NewId(), Parent = chat.Leaf, Role = role, Created = now, Content = said });
            }

            heading = line;
        }

        return chat.Nodes.Count > 0 ? chat : throw new FormatException($"it has no heading '{You}' or '{Model}'.");
    }

    // What looks like the heading of a message, and is not.
    private static string Escape(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line is You or Model or Tool or System ? "\\" + line : line)).Trim();
}
