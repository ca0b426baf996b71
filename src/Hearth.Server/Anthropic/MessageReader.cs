using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Anthropic;

/// <summary>Reads the instructions and messages of a request. Messages of one role that follow each other are one turn.</summary>
internal static class MessageReader
{
    private const string ErrorMark = "Error: ";

    public static IReadOnlyList<ChatMessage> Read(RequestReader reader)
    {
        List<ChatMessage> messages = [];
        string system = ReadTexts(reader, "system");
        if (system.Length > 0)
        {
            messages.Add(new ChatMessage(ChatMessage.SystemRole, system));
        }

        Turn turn = new(string.Empty);
        int index = 0;
        foreach (JsonElement item in reader.Messages())
        {
            RequestReader message = new(item, $"messages[{index++}]");
            string role = ReadRole(message);
            if (role != turn.Role)
            {
                turn.AddTo(messages);
                turn = new Turn(role);
            }

            ReadContent(message, turn);
            message.End();
        }

        turn.AddTo(messages);
        return turn.Role == ChatMessage.UserRole ? messages
            : throw ApiException.Unsupported("messages", "The last message is the assistant's: an answer cannot be begun for the model. End with a message of the user.");
    }

    private static string ReadRole(RequestReader reader) => reader.Text("role") switch
    {
        ChatMessage.UserRole => ChatMessage.UserRole,
        ChatMessage.AssistantRole => ChatMessage.AssistantRole,
        null => throw ApiException.Invalid($"'{reader.Path("role")}' is missing: user or assistant.", reader.Path("role"), "missing_required_parameter"),
        string other => throw ApiException.Invalid(
            $"'{reader.Path("role")}' is '{other}'; expected user or assistant. Instructions are the field 'system'.", reader.Path("role"), "invalid_value"),
    };

    private static void ReadContent(RequestReader reader, Turn turn)
    {
        if (!reader.TryGet("content", out JsonElement value))
        {
            throw ApiException.Invalid($"'{reader.Path("content")}' is missing.", reader.Path("content"), "missing_required_parameter");
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            turn.Texts.Add(reader.Text(value, "content"));
            return;
        }

        foreach (RequestReader block in Blocks(reader, "content", value))
        {
            ReadBlock(block, turn);
            block.Note("cache_control");
            block.Refuse("toolset_name", _ => false, ": tools have no sets");
            block.End();
        }
    }

    private static void ReadBlock(RequestReader block, Turn turn)
    {
        bool isUser = turn.Role == ChatMessage.UserRole;
        switch (block.Text("type"))
        {
            case "text":
                turn.Texts.Add(ReadText(block));
                break;
            case "tool_result" when isUser:
                turn.Results.Add(ReadResult(block));
                break;
            case "tool_use" when !isUser:
                turn.Calls.Add(ReadCall(block));
                break;
            case "thinking" when !isUser:
                turn.Thoughts.Add(block.Text("thinking") ?? throw Missing(block, "thinking"));
                block.Note("signature");
                break;
            case "redacted_thinking" when !isUser:
                // Only the server that wrote it can read it.
                block.Note("data");
                break;
            case null:
                throw Missing(block, "type");
            case string type:
                string expected = isUser ? "text and tool_result" : "text, tool_use, thinking and redacted_thinking";
                throw ApiException.Unsupported(block.Path("type"), $"'{block.Path("type")}' is '{type}'; in a message of the {turn.Role} only {expected} are supported.");
        }
    }

    private static string ReadText(RequestReader block)
    {
        string text = block.Text("text") ?? throw Missing(block, "text");
        block.Refuse("citations", GenerationParameters.IsNothing, ": repeat the text without them");
        return text;
    }

    private static ChatToolCall ReadCall(RequestReader block)
    {
        string id = block.RequiredText("id", "the call's id");
        string name = block.RequiredText("name", "the tool that was called");
        if (!block.TryGet("input", out JsonElement input))
        {
            throw Missing(block, "input");
        }

        block.Refuse("caller", IsDirect, ": only the model calls tools");
        return new ChatToolCall(id, name, block.Schema("input", input).ToJsonString(RelaxedJson.Options));
    }

    private static bool IsDirect(JsonElement caller) =>
        caller.ValueKind == JsonValueKind.Object && caller.TryGetProperty("type", out JsonElement type) && GenerationParameters.IsText("direct")(type);

    private static ChatMessage ReadResult(RequestReader block)
    {
        string id = block.RequiredText("tool_use_id", "the call that this is the result of");
        string text = ReadTexts(block, "content");
        return new ChatMessage(ChatMessage.ToolRole, block.Flag("is_error") == true ? ErrorMark + text : text) { ToolCallId = id };
    }

    /// <summary>A text, or the lines of an array's texts.</summary>
    private static string ReadTexts(RequestReader reader, string name)
    {
        if (!reader.TryGet(name, out JsonElement value))
        {
            return string.Empty;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return reader.Text(value, name);
        }

        List<string> texts = [];
        foreach (RequestReader block in Blocks(reader, name, value))
        {
            string? type = block.Text("type");
            if (type != "text")
            {
                throw type is null ? Missing(block, "type")
                    : ApiException.Unsupported(block.Path("type"), $"'{block.Path("type")}' is '{type}'; only text is supported here.");
            }

            texts.Add(ReadText(block));
            block.Note("cache_control");
            block.End();
        }

        return string.Join('\n', texts);
    }

    private static IEnumerable<RequestReader> Blocks(RequestReader reader, string name, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Select((block, index) => new RequestReader(block, $"{reader.Path(name)}[{index}]"))
        : throw reader.Wrong(name, "a string or an array of blocks", value);

    private static ApiException Missing(RequestReader reader, string name) =>
        ApiException.Invalid($"'{reader.Path(name)}' is missing.", reader.Path(name), "missing_required_parameter");

    /// <summary>What one side says until the other one does.</summary>
    private sealed record Turn(string Role)
    {
        public List<string> Texts { get; } = [];

        public List<string> Thoughts { get; } = [];

        public List<ChatToolCall> Calls { get; } = [];

        public List<ChatMessage> Results { get; } = [];

        /// <summary>Adds the turn's messages: results come first, for they belong to the calls before them.</summary>
        public void AddTo(List<ChatMessage> messages)
        {
            messages.AddRange(Results);
            if (Role.Length == 0 || (Results.Count > 0 && Texts.Count == 0))
            {
                return;
            }

            messages.Add(new ChatMessage(Role, string.Join('\n', Texts))
            {
                Reasoning = Thoughts.Count > 0 ? string.Concat(Thoughts) : null,
                ToolCalls = Calls,
            });
        }
    }
}
