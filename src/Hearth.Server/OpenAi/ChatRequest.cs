using System.Text;
using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;

namespace Hearth.Server.OpenAi;

/// <summary>A request to <c>/v1/chat/completions</c>.</summary>
/// <param name="Parameters">Model, limits and sampling.</param>
/// <param name="Messages">The conversation.</param>
internal sealed record ChatRequest(GenerationParameters Parameters, IReadOnlyList<ChatMessage> Messages)
{
    private const int MaxTopLogProbabilities = 20;

    public static ChatRequest Read(JsonElement root, ModelHost host)
    {
        RequestReader reader = new(root);
        List<ChatMessage> messages = ReadMessages(reader);
        GenerationParameters parameters = GenerationParameters.Read(reader, host, ReadLogProbabilities(reader));
        reader.Refuse("tools", GenerationParameters.IsNothing, ": tool calls are not there yet");
        reader.Refuse("tool_choice", GenerationParameters.IsText("none", "auto"), ": tool calls are not there yet");
        reader.Refuse("parallel_tool_calls", _ => true, string.Empty);
        reader.Refuse("functions", GenerationParameters.IsNothing, ": tool calls are not there yet");
        reader.Refuse("function_call", GenerationParameters.IsText("none", "auto"), ": tool calls are not there yet");
        reader.Refuse("response_format", IsPlainText, ": answers are plain text for now");
        reader.Refuse("modalities", value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(GenerationParameters.IsText("text")), ": answers are text");
        reader.Refuse("service_tier", GenerationParameters.IsText("auto", "default"), string.Empty);
        reader.Refuse("store", GenerationParameters.IsNothing, ": nothing is stored");
        reader.End();
        return new ChatRequest(parameters, messages);
    }

    private static bool IsPlainText(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out JsonElement type) && GenerationParameters.IsText("text")(type);

    private static int? ReadLogProbabilities(RequestReader reader)
    {
        bool wanted = reader.Flag("logprobs") ?? false;
        int? top = reader.Integer("top_logprobs", 0, MaxTopLogProbabilities);
        return !wanted && top > 0
            ? throw ApiException.Invalid("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs", "invalid_value")
            : wanted ? top ?? 0 : null;
    }

    private static List<ChatMessage> ReadMessages(RequestReader reader)
    {
        if (!reader.TryGet("messages", out JsonElement value))
        {
            throw ApiException.Invalid("'messages' is missing: the conversation to answer.", "messages", "missing_required_parameter");
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw reader.Wrong("messages", "an array", value);
        }

        if (value.GetArrayLength() == 0)
        {
            throw ApiException.Invalid("'messages' is empty: give at least one message.", "messages", "invalid_value");
        }

        return [.. value.EnumerateArray().Select((message, index) => ReadMessage(message, $"messages[{index}]"))];
    }

    private static ChatMessage ReadMessage(JsonElement element, string path)
    {
        RequestReader reader = new(element, path);
        string role = reader.Text("role") switch
        {
            ChatMessage.SystemRole or "developer" => ChatMessage.SystemRole,
            ChatMessage.UserRole => ChatMessage.UserRole,
            ChatMessage.AssistantRole => ChatMessage.AssistantRole,
            "tool" or "function" => throw ApiException.Unsupported($"{path}.role", $"'{path}.role': tool calls are not there yet."),
            null => throw ApiException.Invalid($"'{path}.role' is missing: system, user or assistant.", $"{path}.role", "missing_required_parameter"),
            string other => throw ApiException.Invalid($"'{path}.role' is '{other}'; expected system, developer, user or assistant.", $"{path}.role", "invalid_value"),
        };
        string content = ReadContent(reader, role, path);
        reader.Refuse("tool_calls", GenerationParameters.IsNothing, ": tool calls are not there yet");
        reader.Refuse("function_call", GenerationParameters.IsNothing, ": tool calls are not there yet");
        reader.Refuse("audio", GenerationParameters.IsNothing, string.Empty);
        reader.Note("name", "refusal");
        reader.End();
        return new ChatMessage(role, content);
    }

    private static string ReadContent(RequestReader reader, string role, string path)
    {
        if (!reader.TryGet("content", out JsonElement value))
        {
            return role == ChatMessage.AssistantRole
                ? string.Empty
                : throw ApiException.Invalid($"'{path}.content' is missing.", $"{path}.content", "missing_required_parameter");
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
            RequestReader partReader = new(part, $"{path}.content[{index++}]");
            string? type = partReader.Text("type");
            if (type is not ("text" or "refusal"))
            {
                throw ApiException.Unsupported(partReader.Path("type"), $"'{partReader.Path("type")}' is '{type}'; only text parts are supported.");
            }

            text.Append(partReader.Text(type) ?? throw ApiException.Invalid($"'{partReader.Path(type)}' is missing.", partReader.Path(type), "missing_required_parameter"));
            partReader.End();
        }

        return text.ToString();
    }
}
