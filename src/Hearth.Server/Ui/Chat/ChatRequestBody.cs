using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Server.Chat;

namespace Hearth.Server.Ui.Chat;

/// <summary>
/// Writes a conversation as a request of OpenAI's API. The page asks as any other client does: what it sends is read, checked and refused by the same code, and
/// the API page shows it as it is.
/// </summary>
internal static class ChatRequestBody
{
    /// <summary>Alternatives that are kept with each token.</summary>
    public const int Alternatives = 8;

    /// <summary>The setting that only the page knows: whether probabilities are wanted.</summary>
    public const string LogProbabilities = "logprobs";

    /// <summary>Writes a request.</summary>
    /// <param name="chat">The conversation.</param>
    /// <param name="messages">Its messages, oldest first.</param>
    public static JsonObject Write(ChatDocument chat, IEnumerable<ChatNode> messages)
    {
        JsonArray list = [];
        if (chat.System.Length > 0)
        {
            list.Add(new JsonObject { ["role"] = ChatMessage.SystemRole, ["content"] = chat.System });
        }

        foreach (ChatNode node in messages)
        {
            list.Add(Write(node));
        }

        JsonObject body = new() { ["messages"] = list };
        if (chat.Model is string model)
        {
            body["model"] = model;
        }

        foreach ((string name, JsonNode? value) in chat.Settings)
        {
            body[name] = value?.DeepClone();
        }

        if (body[LogProbabilities] is JsonValue wanted && wanted.GetValueKind() == JsonValueKind.True)
        {
            body["top_logprobs"] = Alternatives;
        }

        return body;
    }

    private static JsonObject Write(ChatNode node)
    {
        JsonObject message = new() { ["role"] = node.Role, ["content"] = node.Content };
        if (node.Role == ChatMessage.AssistantRole && !string.IsNullOrEmpty(node.Reasoning))
        {
            message["reasoning_content"] = node.Reasoning;
        }

        if (node.Role == ChatMessage.AssistantRole && node.ToolCalls is { Count: > 0 } calls)
        {
            message["tool_calls"] = new JsonArray([.. calls.Select(call => new JsonObject
            {
                ["id"] = call.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
            })]);
        }

        if (node.ToolCallId is string id)
        {
            message["tool_call_id"] = id;
        }

        return message;
    }
}
