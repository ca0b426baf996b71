using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go;

/// <summary>A message as Ollama's templates see it.</summary>
internal sealed record OllamaMessage(
    string Role, StringValue Content, GoString Thinking, GoList Images, GoList ToolCalls, string ToolName, string ToolCallId)
{
    public GoStruct ToValue() => new(
        "*template.templateMessage",
        new GoField("Role", GoString.From(Role, ContextReader.IsRoleName(Role)), "Role"),
        new GoField("Content", new GoString(Content), "Content"),
        new GoField("Thinking", Thinking, "Thinking"),
        new GoField("Images", Images, "Images"),
        new GoField("ToolCalls", ToolCalls, "ToolCalls"),
        new GoField("ToolName", GoString.FromInput(ToolName), "ToolName"),
        new GoField("ToolCallID", GoString.FromInput(ToolCallId), "ToolCallID"));
}

/// <summary>Reads a conversation, in Ollama's or OpenAI's shape.</summary>
internal sealed class OllamaMessages(Budget budget)
{
    private const string ImageMark = "[img]";
    private readonly OllamaJson _json = new(budget);
    private readonly Dictionary<string, string> _toolNames = [];
    private int _images;

    /// <summary>The messages, where one after another of the same role is one; and the text of all system messages.</summary>
    public (string System, IReadOnlyList<OllamaMessage> Messages) Read(JsonArray? messages)
    {
        var system = new List<string>();
        var collated = new List<OllamaMessage>();
        foreach (JsonObject item in (messages ?? []).OfType<JsonObject>())
        {
            OllamaMessage message = ReadMessage(item);
            if (message.Role == "system")
            {
                system.Add(message.Content.Text);
            }

            if (collated.Count > 0 && collated[^1].Role == message.Role && message.Role != "tool")
            {
                collated[^1] = Merge(collated[^1], message);
            }
            else
            {
                collated.Add(message);
            }
        }

        return (string.Join("\n\n", system), collated);
    }

    private OllamaMessage Merge(OllamaMessage first, OllamaMessage second) => first with
    {
        Content = new TextBuilder(budget).Append(first.Content).Append("\n\n", isTrusted: true).Append(second.Content).ToValue(),
        Images = Join(first.Images, second.Images),
        ToolCalls = Join(first.ToolCalls, second.ToolCalls),
    };

    private static GoList Join(GoList first, GoList second) =>
        second.IsNil ? first : new GoList([.. first.Items, .. second.Items], first.TypeName);

    private OllamaMessage ReadMessage(JsonObject message)
    {
        budget.Charge();
        IEnumerable<GoValue> own = (OllamaJson.Array(message, "images") ?? []).Select(image => GoString.FromInput(OllamaJson.TextOf(image) ?? string.Empty));
        var images = new List<GoValue>(own);
        string content = ReadContent(message["content"], images);
        string callId = OllamaJson.Text(message, "tool_call_id");
        return new OllamaMessage(
            OllamaJson.Text(message, "role").ToLowerInvariant(),
            TagImages(content, images.Count),
            GoString.FromInput(FirstText(message, "thinking", "reasoning_content", "reasoning")),
            new GoList(images, "[]api.ImageData") { IsNil = images.Count == 0 },
            ReadToolCalls(OllamaJson.Array(message, "tool_calls")),
            FirstText(message, "tool_name", "name") is { Length: > 0 } name ? name : _toolNames.GetValueOrDefault(callId, string.Empty),
            callId);
    }

    private static string FirstText(JsonObject message, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (OllamaJson.Text(message, name) is { Length: > 0 } text)
            {
                return text;
            }
        }

        return string.Empty;
    }

    /// <summary>A text, or the texts of parts; the images of parts are added.</summary>
    private static string ReadContent(JsonNode? content, List<GoValue> images)
    {
        if (content is not JsonArray parts)
        {
            return OllamaJson.TextOf(content) ?? string.Empty;
        }

        foreach (JsonObject part in parts.OfType<JsonObject>().Where(part => OllamaJson.Text(part, "type") is "image" or "image_url"))
        {
            images.Add(GoString.FromInput(OllamaJson.Object(part, "image_url") is { } image ? OllamaJson.Text(image, "url") : string.Empty));
        }

        return string.Concat(parts.OfType<JsonObject>().Select(part => OllamaJson.Text(part, "text")));
    }

    /// <summary>Puts <c>[img-N]</c> in the places that the text marks for images, and before it for the others.</summary>
    private StringValue TagImages(string content, int count)
    {
        if (count == 0)
        {
            return StringValue.FromInput(content);
        }

        var before = new TextBuilder(budget);
        var text = new TextBuilder(budget);
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            string tag = string.Create(CultureInfo.InvariantCulture, $"[img-{_images++}]");
            int mark = content.IndexOf(ImageMark, start, StringComparison.Ordinal);
            if (mark < 0)
            {
                before.Append(tag, isTrusted: true);
                continue;
            }

            text.Append(content.AsSpan(start, mark - start), isTrusted: false).Append(tag, isTrusted: true);
            start = mark + ImageMark.Length;
        }

        return before.Append(text.Append(content.AsSpan(start), isTrusted: false).ToValue()).ToValue();
    }

    private GoList ReadToolCalls(JsonArray? calls)
    {
        GoValue[] items = [.. (calls ?? []).OfType<JsonObject>().Select(ReadToolCall)];
        return new GoList(items, "[]template.templateToolCall") { IsNil = calls is null };
    }

    private GoStruct ReadToolCall(JsonObject call)
    {
        JsonObject function = OllamaJson.Object(call, "function") ?? [];
        (string id, string name) = (OllamaJson.Text(call, "id"), OllamaJson.Text(function, "name"));
        _toolNames[id] = name;
        GoValue index = _json.Read(function["index"] ?? call["index"]);
        return new GoStruct(
            "template.templateToolCall",
            new GoField("ID", GoString.FromInput(id), "ID"),
            new GoField(
                "Function",
                new GoStruct(
                    "template.templateToolCallFunction",
                    new GoField("Index", new GoInt(index is GoFloat number ? (long)number.Number : 0), "Index"),
                    new GoField("Name", GoString.FromInput(name), "Name"),
                    new GoField("Arguments", ReadArguments(function["arguments"], name), "Arguments")),
                "Function"));
    }

    /// <summary>Arguments as an object, or as its JSON text.</summary>
    private GoMap ReadArguments(JsonNode? arguments, string function)
    {
        if (OllamaJson.TextOf(arguments) is { } text)
        {
            budget.ChargeText(text.Length);
            try
            {
                arguments = text.Length == 0 ? null : JsonNode.Parse(text);
            }
            catch (JsonException exception)
            {
                string message = $"The arguments of the call of '{function}' are not valid JSON: {exception.Message}";
                throw new TemplateException(TemplateErrorKind.Value, message, line: null, exception);
            }
        }

        return arguments switch
        {
            null => new GoMap([]) { Style = GoStyle.Json, IsNil = true },
            JsonObject members => _json.ReadMap(members, _json.Read, isSorted: true, GoStyle.Json),
            _ => throw TemplateException.Value($"The arguments of the call of '{function}' are not a JSON object."),
        };
    }
}
