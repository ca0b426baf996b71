using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>Reads the items of a request's <c>input</c>.</summary>
/// <param name="kept">The items that it may refer to.</param>
internal sealed class ItemReader(KeptItems kept)
{
    private const int MaxReferences = 4096;
    private const string Input = "input";
    private const string Developer = "developer";
    private int _references;

    /// <summary>The items; a text is one message of the user.</summary>
    public List<ResponseItem> Read(RequestReader reader)
    {
        if (!reader.TryGet(Input, out JsonElement value))
        {
            return [];
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => [MessageOf(ChatMessage.UserRole, [new ItemPart(ItemPart.InputText) { Text = reader.Text(value, Input) }], null)],
            JsonValueKind.Array => [.. value.EnumerateArray().Select((item, index) => ReadItem(new RequestReader(item, $"{Input}[{index}]")))],
            _ => throw reader.Wrong(Input, "a string or an array of items", value),
        };
    }

    private ResponseItem ReadItem(RequestReader reader)
    {
        string? id = reader.Text("id");
        id = id?.Length > 0 ? id : null;
        ResponseItem item = reader.Text("type") switch
        {
            ResponseItem.Message => ReadMessage(reader, id),
            null when reader.TryGet("role", out _) => ReadMessage(reader, id),
            ResponseItem.Call => ReadCall(reader, id),
            ResponseItem.Result => ReadResult(reader, id),
            ResponseItem.Reasoning => ReadReasoning(reader, id),
            "item_reference" => Find(reader, id),
            null when id is not null => Find(reader, id),
            null => throw ApiException.Invalid($"'{reader.Path("type")}' is missing.", reader.Path("type"), "missing_required_parameter"),
            string other => throw ApiException.Unsupported(
                reader.Path("type"), $"'{reader.Path("type")}' is '{other}'; only message, function_call, function_call_output, reasoning and item_reference are supported."),
        };
        reader.End();
        return item;
    }

    private ResponseItem Find(RequestReader reader, string? id)
    {
        if (id is null)
        {
            throw ApiException.Invalid($"'{reader.Path("id")}' is missing: the item that is meant.", reader.Path("id"), "missing_required_parameter");
        }

        return ++_references > MaxReferences ? throw ApiException.Invalid($"'{Input}' may refer to {MaxReferences} items at most.", Input, "invalid_value")
            : kept.Find(id) ?? throw new ApiException(
                404, "invalid_request_error", $"Item with id '{id}' not found. Items are kept for a time, and never when 'store' is false.", reader.Path("id"), "not_found");
    }

    private static ResponseItem ReadMessage(RequestReader reader, string? id)
    {
        string role = reader.Text("role") switch
        {
            ChatMessage.UserRole => ChatMessage.UserRole,
            ChatMessage.AssistantRole => ChatMessage.AssistantRole,
            ChatMessage.SystemRole => ChatMessage.SystemRole,
            Developer => Developer,
            null => throw ApiException.Invalid($"'{reader.Path("role")}' is missing: user, assistant, system or developer.", reader.Path("role"), "missing_required_parameter"),
            string other => throw ApiException.Invalid(
                $"'{reader.Path("role")}' is '{other}'; expected user, assistant, system or developer.", reader.Path("role"), "invalid_value"),
        };
        if (!reader.TryGet("content", out JsonElement content))
        {
            throw ApiException.Invalid($"'{reader.Path("content")}' is missing.", reader.Path("content"), "missing_required_parameter");
        }

        bool isAnswer = role == ChatMessage.AssistantRole;
        List<ItemPart> parts = content.ValueKind == JsonValueKind.String
            ? [TextPart(isAnswer, reader.Text(content, "content"))]
            : [.. Parts(reader, "content", content).Select(part => ReadPart(part, isAnswer))];

        // How an answer was meant, which the text says as well.
        reader.Note("phase");
        return MessageOf(role, parts, id) with { Status = ReadStatus(reader) };
    }

    private static ItemPart ReadPart(RequestReader part, bool isAnswer)
    {
        string? type = part.Text("type");
        ItemPart read = type switch
        {
            ItemPart.InputText or ItemPart.OutputText => TextPart(isAnswer, Required(part, "text")),
            ItemPart.RefusalText when isAnswer => new ItemPart(ItemPart.RefusalText) { Refusal = Required(part, ItemPart.RefusalText) },
            null => throw ApiException.Invalid($"'{part.Path("type")}' is missing.", part.Path("type"), "missing_required_parameter"),
            _ => throw ApiException.Unsupported(part.Path("type"), $"'{part.Path("type")}' is '{type}'; only input_text, output_text and an assistant's refusal are supported."),
        };

        // What a text's author noted about it, and what SDKs add to answers that they have parsed.
        part.Note("annotations", "logprobs", "prompt_cache_breakpoint", "parsed");
        part.End();
        return read;
    }

    private static ResponseItem ReadCall(RequestReader reader, string? id)
    {
        reader.Note("parsed_arguments");
        reader.Refuse("namespace", GenerationParameters.IsNothing, ": tools have no namespaces here");
        RefuseCallers(reader);
        return new ResponseItem(ResponseItem.Call, id ?? ResponseIds.New(ResponseIds.Call))
        {
            CallId = reader.RequiredText("call_id", "the call's id"),
            Name = reader.RequiredText("name", "the function that was called"),
            Arguments = Required(reader, "arguments"),
            Status = ReadStatus(reader),
        };
    }

    private static ResponseItem ReadResult(RequestReader reader, string? id)
    {
        const string Name = "output";
        string call = reader.RequiredText("call_id", "the call that this is the result of");
        if (!reader.TryGet(Name, out JsonElement output))
        {
            throw ApiException.Invalid($"'{reader.Path(Name)}' is missing.", reader.Path(Name), "missing_required_parameter");
        }

        if (output.ValueKind != JsonValueKind.String)
        {
            foreach (RequestReader part in Parts(reader, Name, output))
            {
                ReadPart(part, isAnswer: false);
            }
        }

        RefuseCallers(reader);
        return new ResponseItem(ResponseItem.Result, id ?? ResponseIds.New(ResponseIds.Result)) { CallId = call, Output = output, Status = ReadStatus(reader) };
    }

    private static ResponseItem ReadReasoning(RequestReader reader, string? id)
    {
        List<ItemPart> summary = ReadTexts(reader, "summary", ItemPart.SummaryText);
        List<ItemPart> content = ReadTexts(reader, "content", ItemPart.ReasoningText);
        string? opaque = reader.Text("encrypted_content");
        if (opaque is not null && content.Count == 0)
        {
            string thought = OpaqueReasoning.Read(opaque) ?? throw ApiException.Invalid(
                $"'{reader.Path("encrypted_content")}' is not this server's. Leave the reasoning of another one out.", reader.Path("encrypted_content"), "invalid_encrypted_content");
            content = [new ItemPart(ItemPart.ReasoningText) { Text = thought }];
        }

        return new ResponseItem(ResponseItem.Reasoning, id ?? ResponseIds.New(ResponseIds.Reasoning))
        {
            Summary = summary,
            Content = content.Count > 0 ? content : null,
            Status = ReadStatus(reader),
        };
    }

    private static List<ItemPart> ReadTexts(RequestReader reader, string name, string type)
    {
        if (!reader.TryGet(name, out JsonElement value))
        {
            return [];
        }

        List<ItemPart> parts = [];
        foreach (RequestReader part in Parts(reader, name, value))
        {
            string found = part.RequiredText("type", type);
            parts.Add(found == type ? new ItemPart(type) { Text = Required(part, "text") }
                : throw ApiException.Invalid($"'{part.Path("type")}' is '{found}'; expected {type}.", part.Path("type"), "invalid_value"));
            part.End();
        }

        return parts;
    }

    private static string ReadStatus(RequestReader reader) => reader.Text("status") switch
    {
        null => ResponseStatus.Completed,
        string status and (ResponseStatus.Completed or ResponseStatus.Incomplete or ResponseStatus.InProgress) => status,
        string other => throw ApiException.Invalid(
            $"'{reader.Path("status")}' is '{other}'; expected completed, incomplete or in_progress.", reader.Path("status"), "invalid_value"),
    };

    private static void RefuseCallers(RequestReader reader) => reader.Refuse("caller", IsDirect, ": only the model calls tools");

    private static bool IsDirect(JsonElement caller) =>
        caller.ValueKind == JsonValueKind.Object && caller.TryGetProperty("type", out JsonElement type) && GenerationParameters.IsText("direct")(type);

    private static ResponseItem MessageOf(string role, IReadOnlyList<ItemPart> parts, string? id) =>
        new(ResponseItem.Message, id ?? ResponseIds.New(ResponseIds.Message)) { Role = role, Content = parts, Status = ResponseStatus.Completed };

    private static ItemPart TextPart(bool isAnswer, string text) =>
        isAnswer ? new ItemPart(ItemPart.OutputText) { Text = text, Annotations = [] } : new ItemPart(ItemPart.InputText) { Text = text };

    private static IEnumerable<RequestReader> Parts(RequestReader reader, string name, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Select((part, index) => new RequestReader(part, $"{reader.Path(name)}[{index}]"))
        : throw reader.Wrong(name, "a string or an array of parts", value);

    private static string Required(RequestReader reader, string name) =>
        reader.Text(name) ?? throw ApiException.Invalid($"'{reader.Path(name)}' is missing.", reader.Path(name), "missing_required_parameter");
}
