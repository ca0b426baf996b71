using System.Text;
using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi;

/// <summary>Reads the messages of a request.</summary>
internal static class ChatMessageReader
{
    private const string FunctionRole = "function";

    public static IReadOnlyList<ChatMessage> Read(RequestReader reader)
    {
        return [.. reader.Messages().Select((message, index) => ReadMessage(new RequestReader(message, $"messages[{index}]")))];
    }

    private static ChatMessage ReadMessage(RequestReader reader)
    {
        string role = reader.Text("role") switch
        {
            ChatMessage.SystemRole or "developer" => ChatMessage.SystemRole,
            ChatMessage.UserRole => ChatMessage.UserRole,
            ChatMessage.AssistantRole => ChatMessage.AssistantRole,
            ChatMessage.ToolRole => ChatMessage.ToolRole,
            FunctionRole => FunctionRole,
            null => throw ApiException.Invalid($"'{reader.Path("role")}' is missing: system, user, assistant or tool.", reader.Path("role"), "missing_required_parameter"),
            string other => throw ApiException.Invalid(
                $"'{reader.Path("role")}' is '{other}'; expected system, developer, user, assistant, tool or function.", reader.Path("role"), "invalid_value"),
        };
        ChatMessage message = new(role, ReadContent(reader, role));
        message = role switch
        {
            ChatMessage.AssistantRole => message with { Reasoning = ReadReasoning(reader), ToolCalls = ReadCalls(reader) },
            ChatMessage.ToolRole => message with { ToolCallId = reader.RequiredText("tool_call_id", "the call that this is the result of"), ToolName = reader.Text("name") },
            FunctionRole => message with { Role = ChatMessage.ToolRole, ToolName = reader.RequiredText("name", "the function that this is the result of") },
            _ => message,
        };
        reader.Note("name", "refusal", "annotations");
        reader.Refuse("audio", GenerationParameters.IsNothing, string.Empty);
        reader.End();
        return message;
    }

    private static string? ReadReasoning(RequestReader reader)
    {
        string? reasoning = reader.Text("reasoning_content");
        return reasoning ?? reader.Text("reasoning");
    }

    private static List<ChatToolCall> ReadCalls(RequestReader reader)
    {
        List<ChatToolCall> calls = [];
        if (reader.TryGet("tool_calls", out JsonElement value))
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                throw reader.Wrong("tool_calls", "an array", value);
            }

            foreach (JsonElement item in value.EnumerateArray())
            {
                calls.Add(ReadCall(new RequestReader(item, $"{reader.Path("tool_calls")}[{calls.Count}]")));
            }
        }

        if (reader.Object("function_call") is RequestReader function)
        {
            calls.Add(ReadFunction(function, null));
        }

        return calls;
    }

    private static ChatToolCall ReadCall(RequestReader reader)
    {
        string? id = reader.Text("id");
        ToolReader.CheckType(reader);
        reader.Note("index");
        RequestReader function = reader.Object("function")
            ?? throw ApiException.Invalid($"'{reader.Path("function")}' is missing: the function that was called.", reader.Path("function"), "missing_required_parameter");
        reader.End();
        return ReadFunction(function, id);
    }

    private static ChatToolCall ReadFunction(RequestReader reader, string? id)
    {
        ChatToolCall call = new(id, reader.RequiredText("name", "the function that was called"), reader.Text("arguments") ?? string.Empty);
        reader.End();
        return call;
    }

    private static string ReadContent(RequestReader reader, string role)
    {
        if (!reader.TryGet("content", out JsonElement value))
        {
            return role is ChatMessage.AssistantRole or FunctionRole
                ? string.Empty
                : throw ApiException.Invalid($"'{reader.Path("content")}' is missing.", reader.Path("content"), "missing_required_parameter");
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return reader.Text(value, "content");
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw reader.Wrong("content", "a string or an array of parts", value);
        }

        StringBuilder text = new();
        int index = 0;
        foreach (JsonElement part in value.EnumerateArray())
        {
            RequestReader partReader = new(part, $"{reader.Path("content")}[{index++}]");
            string? type = partReader.Text("type");
            if (type is not ("text" or "refusal"))
            {
                throw ApiException.Unsupported(partReader.Path("type"), $"'{partReader.Path("type")}' is '{type}'; only text parts are supported.");
            }

            text.Append(partReader.Text(type) ?? throw ApiException.Invalid($"'{partReader.Path(type)}' is missing.", partReader.Path(type), "missing_required_parameter"));
            partReader.Note("prompt_cache_breakpoint");
            partReader.End();
        }

        return text.ToString();
    }
}
