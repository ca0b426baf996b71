using System.Security.Cryptography;
using System.Text;

namespace Hearth.Server.Chat;

/// <summary>Gives calls and their results the ids and names that they lack, so that templates can put them together.</summary>
internal static class ToolCallIds
{
    private const int ShortLength = 9;
    private const string Characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Completes messages. A result without an id belongs to the first call before it, of its tool if it names one, that has no result.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="needsShortIds">Whether ids must be nine letters and digits, as Mistral has them; others are replaced.</param>
    public static IReadOnlyList<ChatMessage> Complete(IReadOnlyList<ChatMessage> messages, bool needsShortIds)
    {
        List<ChatMessage> completed = new(messages.Count);
        List<ChatToolCall> open = [];
        Dictionary<string, string> names = [];
        int made = 0;
        foreach (ChatMessage message in messages)
        {
            if (message.ToolCalls.Count > 0)
            {
                ChatToolCall[] calls = [.. message.ToolCalls.Select(call => call with { Id = Name(call.Id ?? $"call{++made:D5}", needsShortIds) })];
                open = [.. calls];
                foreach (ChatToolCall call in calls)
                {
                    names[call.Id!] = call.Name;
                }

                completed.Add(message with { ToolCalls = calls });
            }
            else if (message.Role == ChatMessage.ToolRole)
            {
                string? id = message.ToolCallId is string given ? Name(given, needsShortIds) : null;
                ChatToolCall? call = id is not null ? open.Find(call => call.Id == id)
                    : open.Find(call => message.ToolName is null || call.Name == message.ToolName) ?? open.FirstOrDefault();
                open.Remove(call!);
                id ??= call?.Id;
                completed.Add(message with { ToolCallId = id, ToolName = message.ToolName ?? (id is not null ? names.GetValueOrDefault(id) : null) });
            }
            else
            {
                completed.Add(message);
            }
        }

        return completed;
    }

    private static string Name(string id, bool needsShortIds)
    {
        if (!needsShortIds || (id.Length == ShortLength && id.All(char.IsAsciiLetterOrDigit)))
        {
            return id;
        }

        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return string.Concat(digest.Take(ShortLength).Select(value => Characters[value % Characters.Length]));
    }
}
