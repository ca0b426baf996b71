using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Anthropic;

/// <summary>Reads the tools of a request.</summary>
/// <param name="Tools">The tools.</param>
/// <param name="Choice">Whether the model calls them.</param>
/// <param name="Parallel">Whether it may call several.</param>
internal sealed record AnthropicTools(IReadOnlyList<ToolDefinition> Tools, ToolChoice Choice, bool Parallel)
{
    public static AnthropicTools Read(RequestReader reader)
    {
        List<ToolDefinition> tools = ToolReader.ReadList(reader, "tools", ReadTool);
        RequestReader? chosen = reader.Object("tool_choice");
        if (chosen is null)
        {
            return new AnthropicTools(tools, ToolChoice.Auto, Parallel: true);
        }

        ToolChoice choice = ReadChoice(chosen);
        bool parallel = !(chosen.Flag("disable_parallel_tool_use") ?? false);
        chosen.End();
        if (choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named && tools.Count == 0)
        {
            throw ApiException.Invalid("'tool_choice' demands a call, and there are no tools.", "tool_choice", "invalid_value");
        }

        return choice.Name is null || tools.Exists(tool => tool.Name == choice.Name)
            ? new AnthropicTools(tools, choice, parallel)
            : throw ApiException.Invalid($"'tool_choice.name' is '{choice.Name}', which is none of the tools.", "tool_choice.name", "invalid_value");
    }

    private static ToolChoice ReadChoice(RequestReader reader) => reader.Text("type") switch
    {
        "auto" => ToolChoice.Auto,
        "none" => ToolChoice.None,
        "any" => ToolChoice.Required,
        "tool" => new ToolChoice(ToolChoiceKind.Named, reader.RequiredText("name", "the tool to call")),
        null => throw ApiException.Invalid("'tool_choice.type' is missing: auto, any, tool or none.", "tool_choice.type", "missing_required_parameter"),
        string other => throw ApiException.Invalid($"'tool_choice.type' is '{other}'; expected auto, any, tool or none.", "tool_choice.type", "invalid_value"),
    };

    private static ToolDefinition ReadTool(RequestReader reader)
    {
        string? type = reader.Text("type");
        if (type is not (null or "custom"))
        {
            throw ApiException.Unsupported(
                reader.Path("type"), $"'{reader.Path("type")}' is '{type}', a tool that Anthropic's servers run; here only tools with an 'input_schema' are supported.");
        }

        string name = ToolReader.ReadName(reader);
        string? description = reader.Text("description");
        if (!reader.TryGet("input_schema", out JsonElement schema))
        {
            string path = reader.Path("input_schema");
            throw ApiException.Invalid($"'{path}' is missing: the JSON Schema of the tool's arguments.", path, "missing_required_parameter");
        }

        reader.Note("cache_control", "eager_input_streaming");
        bool isStrict = reader.Flag("strict") ?? false;
        reader.Refuse("defer_loading", GenerationParameters.IsNothing, ": the model is told of all tools at once");
        reader.Refuse("input_examples", GenerationParameters.IsNothing, ": describe them in 'description'");
        reader.Refuse("allowed_callers", AreDirect, ": only the model calls tools");
        ToolDefinition tool = new(name, description, reader.Schema("input_schema", schema)) { IsStrict = isStrict };
        reader.End();
        return tool;
    }

    private static bool AreDirect(JsonElement callers) => callers.ValueKind == JsonValueKind.Array && callers.EnumerateArray().All(GenerationParameters.IsText("direct"));
}
