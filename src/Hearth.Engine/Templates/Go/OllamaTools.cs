using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Go;

/// <summary>The tools of a request as Ollama's templates see them: the members that it knows, in its order; others are left out.</summary>
internal sealed class OllamaTools(Budget budget)
{
    /// <summary>Go's name of the type of a tool's parameter.</summary>
    public const string PropertyType = "api.ToolProperty";

    private readonly OllamaJson _json = new(budget);

    /// <summary>The tools, of an array of <c>{"type": "function", "function": {...}}</c>.</summary>
    public GoList Read(JsonArray? tools) => new([.. (tools ?? []).OfType<JsonObject>().Select(ReadTool)], "template.templateTools")
    {
        Style = GoStyle.Json,
        IsNil = tools is null,
    };

    /// <summary>The type of a parameter in TypeScript's words.</summary>
    public static GoString ToTypeScriptType(Budget budget, GoValue property) => GoString.FromTemplate(TypeScriptType(budget, property));

    private static string TypeScriptType(Budget budget, GoValue property)
    {
        if (property is not GoStruct { TypeName: PropertyType } record)
        {
            return "any";
        }

        budget.Enter();
        budget.Charge();
        var alternatives = (GoList)record.Find("AnyOf")!;
        var types = (GoList)record.Find("Type")!;
        string result = alternatives.IsTrue ? string.Join(" | ", alternatives.Items.Select(item => TypeScriptType(budget, item)))
            : types.IsTrue ? string.Join(" | ", types.Items.Select(item => TypeScriptName(((GoString)item).Text)))
            : "any";
        budget.Leave();
        budget.ChargeText(result.Length);
        return result;
    }

    private static string TypeScriptName(string type) => type switch
    {
        "string" or "boolean" or "null" => type,
        "number" or "integer" => "number",
        "array" => "any[]",
        "object" => "Record<string, any>",
        _ => "any",
    };

    private GoStruct ReadTool(JsonObject tool) => new(
        "template.templateTool",
        new GoField("Type", Input(tool, "type"), "type"),
        new GoField("Items", _json.Read(tool["items"]), "items", GoOmission.Nil),
        new GoField("Function", ReadFunction(OllamaJson.Object(tool, "function") ?? []), "function"))
    {
        Style = GoStyle.Json,
    };

    private GoStruct ReadFunction(JsonObject function) => new(
        "template.templateToolFunction",
        new GoField("Name", Input(function, "name"), "name"),
        new GoField("Description", Input(function, "description"), "description"),
        new GoField("Parameters", ReadParameters(OllamaJson.Object(function, "parameters") ?? []), "parameters"))
    {
        Style = GoStyle.Json,
    };

    private GoStruct ReadParameters(JsonObject parameters) => new(
        "template.templateToolFunctionParameters",
        new GoField("Type", Input(parameters, "type"), "type"),
        new GoField("Defs", _json.Read(parameters["$defs"]), "$defs", GoOmission.Nil),
        new GoField("Items", _json.Read(parameters["items"]), "items", GoOmission.Nil),
        new GoField("Required", Texts(OllamaJson.Array(parameters, "required")), "required", GoOmission.Empty),
        new GoField(
            "Properties",
            OllamaJson.Object(parameters, "properties") is { } properties
                ? ReadProperties(properties, isSorted: true)
                : new GoMap([]) { Style = GoStyle.Json, IsNil = true },
            "properties"))
    {
        Style = GoStyle.Json,
    };

    // Ollama keeps the order of the properties of properties only.
    private GoMap ReadProperties(JsonObject properties, bool isSorted) =>
        _json.ReadMap(properties, property => ReadProperty(property as JsonObject ?? []), isSorted, GoStyle.Json);

    private GoStruct ReadProperty(JsonObject property)
    {
        budget.Enter();
        JsonArray? alternatives = OllamaJson.Array(property, "anyOf");
        JsonArray? values = OllamaJson.Array(property, "enum");
        var result = new GoStruct(
            PropertyType,
            new GoField(
                "AnyOf",
                new GoList([.. (alternatives ?? []).OfType<JsonObject>().Select(ReadProperty)], "[]api.ToolProperty")
                {
                    IsNil = alternatives is null,
                },
                "anyOf",
                GoOmission.Empty),
            new GoField("Type", ReadType(property["type"]), "type", GoOmission.Empty),
            new GoField("Items", _json.Read(property["items"]), "items", GoOmission.Nil),
            new GoField("Description", Input(property, "description"), "description", GoOmission.Empty),
            new GoField("Enum", new GoList([.. (values ?? []).Select(_json.Read)]) { IsNil = values is null }, "enum", GoOmission.Empty),
            new GoField(
                "Properties",
                OllamaJson.Object(property, "properties") is { } properties ? ReadProperties(properties, isSorted: false) : GoNil.Interface,
                "properties",
                GoOmission.Nil),
            new GoField("Required", Texts(OllamaJson.Array(property, "required")), "required", GoOmission.Empty));
        budget.Leave();
        return result;
    }

    private static GoList ReadType(JsonNode? type) =>
        Texts(type as JsonArray ?? (OllamaJson.TextOf(type) is { } name ? [name] : null), "api.PropertyType", GoStyle.SchemaType);

    private static GoList Texts(JsonArray? texts, string typeName = "[]string", GoStyle style = GoStyle.Plain) =>
        new([.. (texts ?? []).Select(OllamaJson.TextOf).OfType<string>().Select(GoString.FromInput)], typeName)
        {
            Style = style,
            IsNil = texts is null,
        };

    private static GoString Input(JsonObject owner, string name) => GoString.FromInput(OllamaJson.Text(owner, name));
}
