using System.Text.Json;
using System.Text.RegularExpressions;
using Hearth.Server.Chat;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi;

/// <summary>Reads the tools of a request, and the functions that came before them.</summary>
/// <param name="Tools">The tools.</param>
/// <param name="Choice">Whether the model calls them.</param>
/// <param name="Parallel">Whether it may call several.</param>
/// <param name="IsLegacy">Whether they came as functions.</param>
internal sealed partial record ToolReader(IReadOnlyList<ToolDefinition> Tools, ToolChoice Choice, bool Parallel, bool IsLegacy)
{
    private const string FunctionType = "function";

    public static ToolReader Read(RequestReader reader)
    {
        List<ToolDefinition> tools = ReadList(reader, "tools", ReadTool);
        List<ToolDefinition> functions = ReadList(reader, "functions", ReadFunction);
        if (tools.Count > 0 && functions.Count > 0)
        {
            throw ApiException.Invalid("'functions' are the older form of 'tools'; give one of them.", "functions", "invalid_value");
        }

        bool isLegacy = functions.Count > 0;
        List<ToolDefinition> all = isLegacy ? functions : tools;
        ToolChoice choice = ReadChoice(reader, "tool_choice", hasType: true);
        ToolChoice functionChoice = ReadChoice(reader, "function_call", hasType: false);
        CheckChoice(choice, tools, "tool_choice", functions);
        CheckChoice(functionChoice, functions, "function_call", tools);
        return new ToolReader(all, isLegacy ? functionChoice : choice, (reader.Flag("parallel_tool_calls") ?? true) && !isLegacy, isLegacy);
    }

    /// <summary>Refuses a choice that the tools do not allow.</summary>
    public static void CheckChoice(ToolChoice choice, IReadOnlyList<ToolDefinition> tools, string parameter)
    {
        if (choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named && tools.Count == 0)
        {
            throw ApiException.Invalid($"'{parameter}' demands a call, and there are no tools.", parameter, "invalid_value");
        }

        if (choice.Name is string name && tools.All(tool => tool.Name != name))
        {
            throw ApiException.Invalid($"'{parameter}' names '{name}', which is none of the tools.", parameter, "invalid_value");
        }
    }

    // Nobody would keep to a choice among tools that came in the other form.
    private static void CheckChoice(ToolChoice choice, List<ToolDefinition> tools, string parameter, List<ToolDefinition> others)
    {
        CheckChoice(choice, tools, parameter);
        if (choice.Kind != ToolChoiceKind.Auto && others.Count > 0)
        {
            throw ApiException.Invalid($"'{parameter}' is about tools of another form than the request's: 'tool_choice' is for 'tools', 'function_call' for 'functions'.", parameter, "invalid_value");
        }
    }

    /// <summary>Refuses other types than functions.</summary>
    public static void CheckType(RequestReader reader)
    {
        string? type = reader.Text("type");
        if (type is not (null or FunctionType))
        {
            throw ApiException.Unsupported(reader.Path("type"), $"'{reader.Path("type")}' is '{type}'; only functions are supported.");
        }
    }

    /// <summary>The name of a tool to call.</summary>
    public static string ReadName(RequestReader reader)
    {
        string name = reader.RequiredText("name", "the function's name");
        return Name().IsMatch(name) ? name
            : throw ApiException.Invalid($"'{reader.Path("name")}' may have up to 128 letters, digits, underscores, dashes and dots.", reader.Path("name"), "invalid_value");
    }

    /// <summary>Tools, each with a name of its own.</summary>
    public static List<ToolDefinition> ReadList(RequestReader reader, string name, Func<RequestReader, ToolDefinition> read)
    {
        List<ToolDefinition> tools = [];
        if (!reader.TryGet(name, out JsonElement value))
        {
            return tools;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw reader.Wrong(name, "an array", value);
        }

        foreach (JsonElement item in value.EnumerateArray())
        {
            string path = $"{name}[{tools.Count}]";
            ToolDefinition tool = read(new RequestReader(item, path));
            if (tools.Exists(other => other.Name == tool.Name))
            {
                throw ApiException.Invalid($"'{path}' has the name '{tool.Name}' of another tool.", path, "invalid_value");
            }

            tools.Add(tool);
        }

        return tools;
    }

    private static ToolDefinition ReadTool(RequestReader reader)
    {
        CheckType(reader);
        RequestReader function = reader.Object(FunctionType)
            ?? throw ApiException.Invalid($"'{reader.Path(FunctionType)}' is missing: the function's name and parameters.", reader.Path(FunctionType), "missing_required_parameter");
        reader.End();
        return ReadFunction(function);
    }

    /// <summary>A function: its name, description and parameters.</summary>
    public static ToolDefinition ReadFunction(RequestReader reader)
    {
        string name = ReadName(reader);
        string? description = reader.Text("description");
        bool isStrict = reader.Flag("strict") ?? false;
        ToolDefinition tool = new(name, description, reader.TryGet("parameters", out JsonElement parameters) ? reader.Schema("parameters", parameters) : null) { IsStrict = isStrict };
        reader.End();
        return tool;
    }

    private static ToolChoice ReadChoice(RequestReader reader, string name, bool hasType)
    {
        if (!reader.TryGet(name, out JsonElement value))
        {
            return ToolChoice.Auto;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return reader.Text(value, name) switch
            {
                "auto" => ToolChoice.Auto,
                "none" => ToolChoice.None,
                "required" when hasType => ToolChoice.Required,
                string other => throw ApiException.Invalid(
                    $"'{name}' is '{other}'; expected auto, none{(hasType ? ", required" : string.Empty)} or an object that names a function.", name, "invalid_value"),
            };
        }

        RequestReader choice = value.ValueKind == JsonValueKind.Object ? new RequestReader(value, name) : throw reader.Wrong(name, "a string or an object", value);
        RequestReader? function = choice;
        if (hasType)
        {
            CheckType(choice);
            function = choice.Object(FunctionType);
            choice.End();
        }

        string chosen = function?.RequiredText("name", "the function to call")
            ?? throw ApiException.Invalid($"'{name}.{FunctionType}' is missing.", $"{name}.{FunctionType}", "missing_required_parameter");
        function.End();
        return new ToolChoice(ToolChoiceKind.Named, chosen);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,128}\z")]
    private static partial Regex Name();
}
