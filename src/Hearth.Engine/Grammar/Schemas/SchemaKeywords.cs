using System.Text.Json;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>Which keywords there are, and what becomes of them.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> s_supported =
    [
        "type", "nullable", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
        "format", "items", "prefixItems", "additionalItems", "minItems", "maxItems", "properties", "patternProperties", "additionalProperties", "propertyNames",
        "required", "minProperties", "maxProperties", "allOf", "anyOf", "oneOf", "$ref",
    ];

    // They say something about a value and do not restrict it.
    private static readonly HashSet<string> s_annotations =
    [
        "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$schema", "$comment", "$defs", "definitions",
        "contentMediaType", "contentEncoding", "contentSchema", "discriminator", "xml", "externalDocs", "propertyOrdering", "markdownDescription", "enumNames",
        "enumDescriptions", "errorMessage", "strict", "name",
    ];

    /// <summary>Refuses keywords that would be ignored otherwise.</summary>
    public static void Check(SchemaLocation location)
    {
        foreach (JsonProperty property in location.Element.EnumerateObject())
        {
            string name = property.Name;
            if (s_supported.Contains(name) || s_annotations.Contains(name) || name.StartsWith("x-", StringComparison.Ordinal) || IsWithoutEffect(location, property))
            {
                continue;
            }

            throw location.Unsupported(name, name switch
            {
                "not" or "if" or "then" or "else" => ": a grammar cannot say what a value is not.",
                "uniqueItems" or "contains" or "minContains" or "maxContains" => ": it would take a memory of all items.",
                _ => ".",
            });
        }
    }

    private static bool IsWithoutEffect(SchemaLocation location, JsonProperty property) => property.Name switch
    {
        "uniqueItems" => property.Value.ValueKind == JsonValueKind.False,
        "unevaluatedProperties" or "unevaluatedItems" => property.Value.ValueKind == JsonValueKind.True,
        "$id" or "id" or "$anchor" => location.Pointer.Length == 0,
        _ => false,
    };
}
