using System.Text.Json.Nodes;

namespace Hearth.Server.Chat;

/// <summary>
/// A conversation as variables of a chat template, in the words of Hugging Face transformers: <c>messages</c> (with <c>tool_calls</c>,
/// <c>tool_call_id</c>, <c>reasoning_content</c>), <c>tools</c>, <c>add_generation_prompt</c>, <c>enable_thinking</c>,
/// <c>thinking</c>, <c>reasoning_effort</c>.
/// </summary>
/// <remarks>
/// What the template cannot express is said in other words: tools in the system message, with the format of Hermes for calls; calls in the
/// assistant's text; results as a user's message; a system message at the beginning of the first user message; several calls of a message
/// as one message each, followed by its result.
/// </remarks>
internal static class TemplateMessages
{
    public static JsonObject Context(Conversation conversation, IReadOnlyList<ToolDefinition> tools, Lazy<TemplateAbilities> abilities, string source)
    {
        IReadOnlyList<ChatMessage> messages = conversation.Messages;
        bool hasCalls = messages.Any(message => message.Role == ChatMessage.ToolRole || message.ToolCalls.Count > 0);
        TemplateAbilities? known = tools.Count > 0 || hasCalls || messages.Any(message => message.Role == ChatMessage.SystemRole) ? abilities.Value : null;
        if (known is not null)
        {
            messages = TemplateFallback.Adapt(ToolCallIds.Complete(messages, needsShortIds: source.Contains("length != 9", StringComparison.Ordinal)), tools, known);
        }

        JsonObject context = new()
        {
            ["messages"] = new JsonArray([.. messages.Select(message => Write(message, known, source))]),
            ["add_generation_prompt"] = conversation.AddGenerationPrompt,
        };
        if (tools.Count > 0 && known is { ToolsInSystem: true } && context["messages"]![0] is JsonObject first)
        {
            first["tools"] = Write(tools).ToJsonString();
        }
        else if (tools.Count > 0 && known is { Tools: true })
        {
            context["tools"] = Write(tools);
        }

        WriteThinking(context, conversation.Thinking, source);
        WriteRareVariables(context, tools, source);
        return context;
    }

    /// <summary>Tools in the shape of OpenAI.</summary>
    public static JsonArray Write(IReadOnlyList<ToolDefinition> tools) => new([.. tools.Select(Write)]);

    /// <summary>A call's arguments as an object; text that is none becomes the argument <c>arguments</c>, so that a broken call can be repeated.</summary>
    public static JsonObject ArgumentsOf(ChatToolCall call)
    {
        if (string.IsNullOrWhiteSpace(call.Arguments))
        {
            return [];
        }

        return JsonObjects.TryParse(call.Arguments, out JsonObject? arguments) ? arguments : new JsonObject { ["arguments"] = call.Arguments };
    }

    private static JsonNode Write(ToolDefinition tool)
    {
        JsonObject function = new() { ["name"] = tool.Name, ["description"] = tool.Description ?? string.Empty };
        function["parameters"] = tool.Parameters?.DeepClone() ?? new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() };
        return new JsonObject { ["type"] = "function", ["function"] = function };
    }

    private static JsonObject Write(ChatMessage message, TemplateAbilities? abilities, string source)
    {
        bool hasNoContent = message.Content.Length == 0 && message.ToolCalls.Count > 0 && abilities is { NullContent: true };
        JsonObject written = new() { ["role"] = message.Role, ["content"] = hasNoContent ? null : message.Content };
        if (!string.IsNullOrEmpty(message.Reasoning))
        {
            WriteReasoning(written, message, source);
        }

        if (message.ToolCalls.Count > 0)
        {
            written["tool_calls"] = new JsonArray([.. message.ToolCalls.Select(call => Write(call, abilities!.ArgumentsAsText))]);
        }

        if (message.ToolCallId is not null)
        {
            written["tool_call_id"] = message.ToolCallId;
        }

        if (message.ToolName is not null)
        {
            written["name"] = message.ToolName;
        }

        return written;
    }

    // gpt-oss calls it thinking, and takes either that or a text in front of a call.
    private static void WriteReasoning(JsonObject written, ChatMessage message, string source)
    {
        written["reasoning_content"] = message.Reasoning;
        if (source.Contains("message.thinking", StringComparison.Ordinal))
        {
            bool isBoth = message.ToolCalls.Count > 0 && message.Content.Length > 0;
            written["thinking"] = isBoth ? $"{message.Reasoning}\n\n{message.Content}" : message.Reasoning;
            written["content"] = isBoth ? string.Empty : written["content"]?.DeepClone();
        }
    }

    private static JsonObject Write(ChatToolCall call, bool asText) => new()
    {
        ["id"] = call.Id,
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = call.Name,
            ["arguments"] = asText ? ArgumentsOf(call).ToJsonString(RelaxedJson.Options) : ArgumentsOf(call),
        },
    };

    private static void WriteThinking(JsonObject context, Thinking? thinking, string source)
    {
        if (thinking is null)
        {
            return;
        }

        context["enable_thinking"] = thinking.IsOn;
        context["thinking"] = thinking.IsOn;

        // A template that knows only efforts has no off: the least is what comes next to it.
        string? effort = thinking.Effort ?? (thinking.IsOn || source.Contains("enable_thinking", StringComparison.Ordinal) ? null : "low");
        if (effort is not null)
        {
            context["reasoning_effort"] = effort;
        }
    }

    // Of FireFunction's template, which fails without them.
    private static void WriteRareVariables(JsonObject context, IReadOnlyList<ToolDefinition> tools, string source)
    {
        if (source.Contains("datetime", StringComparison.Ordinal) && source.Contains("functions", StringComparison.Ordinal))
        {
            context["functions"] = tools.Count > 0 ? Write(tools).ToJsonString(RelaxedJson.Options) : string.Empty;
            context["datetime"] = TimeProvider.System.GetLocalNow().ToString("MMM dd yyyy");
        }
    }
}
