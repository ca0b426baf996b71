using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>Reads the tools of a request.</summary>
/// <param name="Offered">The tools that the model is told of.</param>
/// <param name="Choice">Whether it calls them.</param>
/// <param name="Parallel">Whether it may call several.</param>
/// <param name="All">All tools of the request, as the answer shows them.</param>
/// <param name="ShownChoice">The choice, as the answer shows it.</param>
internal sealed record ResponseTools(IReadOnlyList<ToolDefinition> Offered, ToolChoice Choice, bool Parallel, IReadOnlyList<ToolBody> All, JsonElement ShownChoice)
{
    private const string Parameter = "tool_choice";
    private static readonly JsonElement s_auto = JsonElement.Parse("\"auto\"");

    public static ResponseTools Read(RequestReader reader)
    {
        List<ToolBody> shown = [];
        List<ToolDefinition> tools = ToolReader.ReadList(reader, "tools", tool => ReadTool(tool, shown));
        bool parallel = reader.Flag("parallel_tool_calls") ?? true;
        if (!reader.TryGet(Parameter, out JsonElement value))
        {
            return new ResponseTools(tools, ToolChoice.Auto, parallel, shown, s_auto);
        }

        ToolChoice choice;
        IReadOnlyList<ToolDefinition> offered = tools;
        if (value.ValueKind == JsonValueKind.String)
        {
            choice = ReadMode(reader.Text(value, Parameter), Parameter, "auto, none, required or an object");
        }
        else
        {
            RequestReader chosen = value.ValueKind == JsonValueKind.Object ? new RequestReader(value, Parameter) : throw reader.Wrong(Parameter, "a string or an object", value);
            (choice, offered) = ReadChoice(chosen, tools);
            chosen.End();
        }

        ToolReader.CheckChoice(choice, offered, Parameter);
        return new ResponseTools(offered, choice, parallel, shown, value);
    }

    private static ToolDefinition ReadTool(RequestReader reader, List<ToolBody> shown)
    {
        ToolReader.CheckType(reader);
        reader.Refuse("defer_loading", GenerationParameters.IsNothing, ": the model is told of all tools at once");
        reader.Refuse("allowed_callers", AreDirect, ": only the model calls tools");
        reader.Refuse("output_schema", GenerationParameters.IsNothing, ": describe results in 'description'");
        bool isStrict = reader.Flag("strict") ?? false;
        ToolDefinition tool = ToolReader.ReadFunction(reader);
        shown.Add(new ToolBody(tool.Name, tool.Description, tool.Parameters, isStrict));
        return tool;
    }

    private static (ToolChoice Choice, IReadOnlyList<ToolDefinition> Offered) ReadChoice(RequestReader chosen, List<ToolDefinition> tools) => chosen.Text("type") switch
    {
        "function" => (new ToolChoice(ToolChoiceKind.Named, chosen.RequiredText("name", "the function to call")), tools),
        "allowed_tools" => (ReadMode(chosen.RequiredText("mode", "auto or required"), $"{Parameter}.mode", "auto or required", mayBeNone: false), ReadAllowed(chosen, tools)),
        null => throw ApiException.Invalid($"'{Parameter}.type' is missing: function or allowed_tools.", $"{Parameter}.type", "missing_required_parameter"),
        string other => throw ApiException.Unsupported($"{Parameter}.type", $"'{Parameter}.type' is '{other}'; only function and allowed_tools are supported."),
    };

    private static ToolChoice ReadMode(string mode, string path, string expected, bool mayBeNone = true) => mode switch
    {
        "auto" => ToolChoice.Auto,
        "required" => ToolChoice.Required,
        "none" when mayBeNone => ToolChoice.None,
        _ => throw ApiException.Invalid($"'{path}' is '{mode}'; expected {expected}.", path, "invalid_value"),
    };

    private static ToolDefinition[] ReadAllowed(RequestReader chosen, List<ToolDefinition> tools)
    {
        const string Name = "tools";
        if (!chosen.TryGet(Name, out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            throw ApiException.Invalid($"'{chosen.Path(Name)}' must be a list of the tools that may be called.", chosen.Path(Name), "invalid_value");
        }

        HashSet<string> allowed = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            RequestReader tool = new(item, $"{chosen.Path(Name)}[{allowed.Count}]");
            ToolReader.CheckType(tool);
            string name = tool.RequiredText("name", "the function that may be called");
            tool.End();
            allowed.Add(tools.Exists(known => known.Name == name) ? name
                : throw ApiException.Invalid($"'{tool.Path("name")}' is '{name}', which is none of the tools.", tool.Path("name"), "invalid_value"));
        }

        return [.. tools.Where(tool => allowed.Contains(tool.Name))];
    }

    private static bool AreDirect(JsonElement callers) => callers.ValueKind == JsonValueKind.Array && callers.EnumerateArray().All(GenerationParameters.IsText("direct"));
}
