using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Ollama;

/// <summary>Reads messages as Ollama has them.</summary>
internal static class OllamaMessageReader
{
    private static readonly string[] s_roles = [ChatMessage.SystemRole, ChatMessage.UserRole, ChatMessage.AssistantRole, ChatMessage.ToolRole];

    /// <summary>The messages of a request; none where it has none.</summary>
    public static IReadOnlyList<ChatMessage> Read(RequestReader reader) => !reader.TryGet("messages", out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select((message, index) => Read(message, $"messages[{index}]"))]
        : throw reader.Wrong("messages", "an array", value);

    private static ChatMessage Read(JsonElement value, string path)
    {
        RequestReader reader = new(value, path);
        string? role = reader.Text("role")?.ToLowerInvariant();
        role = role == "developer" ? ChatMessage.SystemRole : role;
        if (role is null || !s_roles.Contains(role))
        {
            throw OllamaErrors.Invalid($"'{path}.role' is '{role}'; expected system, user, assistant or tool");
        }

        OllamaRequest.RefuseImages(reader);
        return new ChatMessage(role, reader.Text("content") ?? string.Empty)
        {
            Reasoning = reader.Text("thinking") is { Length: > 0 } thinking && role == ChatMessage.AssistantRole ? thinking : null,
            ToolCalls = role == ChatMessage.AssistantRole ? ReadCalls(reader) : [],
            ToolCallId = reader.Text("tool_call_id") is { Length: > 0 } id && role == ChatMessage.ToolRole ? id : null,
            ToolName = reader.Text("tool_name") is { Length: > 0 } name && role == ChatMessage.ToolRole ? name : null,
        };
    }

    private static ChatToolCall[] ReadCalls(RequestReader reader) => !reader.TryGet("tool_calls", out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select((call, index) => ReadCall(call, $"{reader.Path("tool_calls")}[{index}]"))]
        : throw reader.Wrong("tool_calls", "an array", value);

    private static ChatToolCall ReadCall(JsonElement value, string path)
    {
        RequestReader reader = new(value, path);
        string? id = reader.Text("id") is { Length: > 0 } given ? given : null;
        RequestReader function = reader.Object("function") ?? throw OllamaErrors.Invalid($"'{path}.function' is missing");
        string name = function.RequiredText("name", "the function that was called");
        return new ChatToolCall(id, name, function.TryGet("arguments", out JsonElement arguments) ? function.Schema("arguments", arguments).ToJsonString(RelaxedJson.Options) : "{}");
    }
}
