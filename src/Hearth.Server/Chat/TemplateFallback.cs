using System.Text;
using System.Text.Json.Nodes;

namespace Hearth.Server.Chat;

/// <summary>Says what a template cannot express in messages that it can.</summary>
internal static class TemplateFallback
{
    private const string Instructions =
        """
        # Tools

        You may call one or more functions to assist with the user query.

        You are provided with function signatures within <tools></tools> XML tags:
        <tools>
        """;

    private const string CallFormat =
        """
        </tools>

        For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
        <tool_call>
        {"name": <function-name>, "arguments": <args-json-object>}
        </tool_call>
        """;

    public static IReadOnlyList<ChatMessage> Adapt(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, TemplateAbilities abilities)
    {
        bool teaches = tools.Count > 0 && !abilities.KnowsTools;
        if (teaches || (tools.Count > 0 && abilities.ToolsInSystem))
        {
            messages = WithSystem(messages, teaches ? Describe(tools) : string.Empty);
        }

        // Calls look as they were described.
        if (!abilities.ToolCalls || teaches)
        {
            messages = [.. messages.Select(CallsAsText)];
        }
        else if (!abilities.ParallelCalls)
        {
            messages = [.. OneByOne(messages)];
        }

        if ((!abilities.ToolMessages || teaches) && messages.Any(message => message.Role == ChatMessage.ToolRole))
        {
            messages = Merge(messages.Select(ResultAsUser));
        }

        return abilities.System ? messages : SystemInUser(messages);
    }

    private static string Describe(IReadOnlyList<ToolDefinition> tools)
    {
        StringBuilder text = new(Instructions);
        foreach (JsonNode? tool in TemplateMessages.Write(tools))
        {
            text.Append('\n').Append(tool!.ToJsonString(RelaxedJson.Options));
        }

        return text.Append('\n').Append(CallFormat).ToString();
    }

    private static ChatMessage[] WithSystem(IReadOnlyList<ChatMessage> messages, string text) => messages is [{ Role: ChatMessage.SystemRole } first, ..]
        ? [first with { Content = Join(first.Content, text) }, .. messages.Skip(1)]
        : [new ChatMessage(ChatMessage.SystemRole, text), .. messages];

    private static ChatMessage CallsAsText(ChatMessage message)
    {
        if (message.ToolCalls.Count == 0)
        {
            return message;
        }

        IEnumerable<string> calls = message.ToolCalls.Select(call =>
        {
            JsonObject written = new() { ["name"] = call.Name, ["arguments"] = TemplateMessages.ArgumentsOf(call) };
            return $"<tool_call>\n{written.ToJsonString(RelaxedJson.Options)}\n</tool_call>";
        });
        return message with { Content = string.Join('\n', calls.Prepend(message.Content).Where(text => text.Length > 0)), ToolCalls = [] };
    }

    private static ChatMessage ResultAsUser(ChatMessage message) => message.Role == ChatMessage.ToolRole
        ? new ChatMessage(ChatMessage.UserRole, $"<tool_response>\n{message.Content}\n</tool_response>")
        : message;

    // Templates that know no tools often insist on taking turns.
    private static List<ChatMessage> Merge(IEnumerable<ChatMessage> messages)
    {
        List<ChatMessage> merged = [];
        foreach (ChatMessage message in messages)
        {
            if (message.Role == ChatMessage.UserRole && merged is [.., { Role: ChatMessage.UserRole } last])
            {
                merged[^1] = last with { Content = Join(last.Content, message.Content) };
            }
            else
            {
                merged.Add(message);
            }
        }

        return merged;
    }

    private static IEnumerable<ChatMessage> OneByOne(IReadOnlyList<ChatMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            ChatMessage message = messages[i];
            if (message.ToolCalls.Count < 2)
            {
                yield return message;
                continue;
            }

            List<ChatMessage> results = [.. messages.Skip(i + 1).TakeWhile(next => next.Role == ChatMessage.ToolRole)];
            i += results.Count;
            bool isFirst = true;
            foreach (ChatToolCall call in message.ToolCalls)
            {
                yield return isFirst ? message with { ToolCalls = [call] } : message with { Content = string.Empty, Reasoning = null, ToolCalls = [call] };
                isFirst = false;
                if (results.Find(result => result.ToolCallId == call.Id) is ChatMessage own)
                {
                    results.Remove(own);
                    yield return own;
                }
            }

            foreach (ChatMessage other in results)
            {
                yield return other;
            }
        }
    }

    private static List<ChatMessage> SystemInUser(IReadOnlyList<ChatMessage> messages)
    {
        string system = string.Join("\n\n", messages.Where(message => message.Role == ChatMessage.SystemRole).Select(message => message.Content));
        if (system.Length == 0)
        {
            return [.. messages.Where(message => message.Role != ChatMessage.SystemRole)];
        }

        List<ChatMessage> others = [.. messages.Where(message => message.Role != ChatMessage.SystemRole)];
        int user = others.FindIndex(message => message.Role == ChatMessage.UserRole);
        if (user < 0)
        {
            return [new ChatMessage(ChatMessage.UserRole, system), .. others];
        }

        others[user] = others[user] with { Content = Join(system, others[user].Content) };
        return others;
    }

    private static string Join(string first, string second) => first.Length == 0 || second.Length == 0 ? first + second : $"{first}\n\n{second}";
}
