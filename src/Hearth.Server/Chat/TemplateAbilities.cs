using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Server.Chat;

/// <summary>What a chat template can express, as its renderings of made-up conversations show.</summary>
internal sealed record TemplateAbilities
{
    private const string Mark = "probe";
    private const string Id = "probe0001";

    /// <summary>System messages.</summary>
    public bool System { get; private init; }

    /// <summary>Tools, as a variable.</summary>
    public bool Tools { get; private init; }

    /// <summary>Tools, as a text in the system message.</summary>
    public bool ToolsInSystem { get; private init; }

    /// <summary>Whether it says what tools there are.</summary>
    public bool KnowsTools => Tools || ToolsInSystem;

    /// <summary>Calls in an assistant's message.</summary>
    public bool ToolCalls { get; private init; }

    /// <summary>Several calls in a message.</summary>
    public bool ParallelCalls { get; private init; }

    /// <summary>Messages of tools.</summary>
    public bool ToolMessages { get; private init; }

    /// <summary>Whether a call's arguments have to be text instead of an object.</summary>
    public bool ArgumentsAsText { get; private init; }

    /// <summary>Whether a message with calls and without text has to have no content instead of an empty one.</summary>
    public bool NullContent { get; private init; }

    /// <summary>Renders conversations and looks for what was said in them.</summary>
    public static TemplateAbilities Probe(ChatTemplate template)
    {
        bool system = Renders(template, [Message("system", "probe-system"), User()], false, "probe-system");
        bool tools = Renders(template, [User()], true, "probe_offered") || (system && Renders(template, [Message("system", "s"), User()], true, "probe_offered"));
        JsonObject withTools = Message("system", "s");
        withTools["tools"] = Tool().ToJsonString();
        TemplateAbilities abilities = new()
        {
            System = system,
            Tools = tools,
            ToolsInSystem = !tools && Renders(template, [withTools, User()], false, "probe_offered"),
            ToolMessages = Renders(template, [User(), Message("assistant", "a"), Result(Id, "probe-result")], tools, "probe-result"),
        };
        foreach ((bool asText, bool isNull) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            if (!Renders(template, [User(), Calls(asText, isNull, "one"), Result(Id, "probe-result")], tools, "probe_one", "probe-value-one", "probe-result"))
            {
                continue;
            }

            return abilities with
            {
                ToolCalls = true,
                ToolMessages = true,
                ArgumentsAsText = asText,
                NullContent = isNull,
                ParallelCalls = Renders(
                    template,
                    [User(), Calls(asText, isNull, "one", "two"), Result(Id, "probe-result"), Result("probe0002", "probe-more")],
                    tools,
                    "probe-value-one", "probe-value-two", "probe-result", "probe-more"),
            };
        }

        return abilities;
    }

    private static bool Renders(ChatTemplate template, JsonObject[] messages, bool withTools, params string[] expected)
    {
        JsonObject context = new()
        {
            ["messages"] = new JsonArray([.. messages.Select(message => message.DeepClone())]),
            ["bos_token"] = string.Empty,
            ["eos_token"] = string.Empty,
            ["add_generation_prompt"] = true,
            ["functions"] = withTools ? Tool().ToJsonString() : string.Empty,
            ["datetime"] = string.Empty,
        };
        if (withTools)
        {
            context["tools"] = new JsonArray(Tool());
        }

        try
        {
            string text = template.Render(context);
            return Array.TrueForAll(expected, part => text.Contains(part, StringComparison.Ordinal)) && !text.Contains("\\\"probe_argument", StringComparison.Ordinal);
        }
        catch (TemplateException)
        {
            return false;
        }
    }

    private static JsonObject Message(string role, string? content) => new() { ["role"] = role, ["content"] = content };

    private static JsonObject User() => Message("user", Mark);

    private static JsonObject Result(string id, string text) =>
        new() { ["role"] = "tool", ["content"] = text, ["tool_call_id"] = id, ["name"] = "probe_one" };

    private static JsonObject Tool() => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = "probe_offered",
            ["description"] = Mark,
            ["parameters"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["text"] = new JsonObject { ["type"] = "string", ["description"] = Mark } },
                ["required"] = new JsonArray("text"),
            },
        },
    };

    private static JsonObject Calls(bool asText, bool isNull, params string[] names)
    {
        JsonObject message = Message("assistant", isNull ? null : string.Empty);
        message["tool_calls"] = new JsonArray([.. names.Select((name, index) =>
        {
            JsonObject arguments = new() { ["probe_argument"] = $"probe-value-{name}" };
            return new JsonObject
            {
                ["id"] = $"probe{index + 1:D4}",
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = $"probe_{name}", ["arguments"] = asText ? arguments.ToJsonString() : arguments },
            };
        })]);
        return message;
    }
}
