using System.Text.Json;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>A schema and all places in it.</summary>
/// <param name="root">The schema, whose document stays open.</param>
internal sealed class SchemaDocument(JsonElement root)
{
    private readonly Dictionary<string, SchemaLocation> _locations = [];

    /// <summary>The whole schema.</summary>
    public SchemaLocation Root => At(string.Empty, root);

    /// <summary>A member of a place.</summary>
    public SchemaLocation Child(SchemaLocation parent, string keyword, JsonElement element) => At($"{parent.Pointer}/{Escape(keyword)}", element);

    /// <summary>A member of a keyword of a place.</summary>
    public SchemaLocation Child(SchemaLocation parent, string keyword, string member, JsonElement element) =>
        At($"{parent.Pointer}/{Escape(keyword)}/{Escape(member)}", element);

    /// <summary>The place that a <c>$ref</c> leads to.</summary>
    /// <exception cref="GrammarException">There is none, or it is in another document.</exception>
    public SchemaLocation Resolve(SchemaLocation from, JsonElement reference)
    {
        if (reference.ValueKind != JsonValueKind.String)
        {
            throw from.Bad("$ref", "is no string.");
        }

        string target = reference.GetString()!;
        if (target is not ("#" or "") && !target.StartsWith("#/", StringComparison.Ordinal))
        {
            throw from.Unsupported("$ref", $": '{target}' is not a pointer into the schema itself, such as '#/$defs/name'.");
        }

        string pointer = target.Length == 0 ? target : Uri.UnescapeDataString(target[1..]);
        JsonElement element = root;
        foreach (string part in pointer.Length == 0 ? [] : pointer[1..].Split('/'))
        {
            string name = part.Replace("~1", "/").Replace("~0", "~");
            bool found = element.ValueKind switch
            {
                JsonValueKind.Object => element.TryGetProperty(name, out element),
                JsonValueKind.Array when int.TryParse(name, out int index) && index >= 0 && index < element.GetArrayLength() => (element = element[index]).ValueKind != JsonValueKind.Undefined,
                _ => false,
            };
            if (!found)
            {
                throw from.Bad("$ref", $"leads to '{target}', which is not there.");
            }
        }

        return At(pointer, element);
    }

    /// <summary>A name as part of a pointer.</summary>
    public static string Escape(string name) => name.Replace("~", "~0").Replace("/", "~1");

    private SchemaLocation At(string pointer, JsonElement element)
    {
        if (!_locations.TryGetValue(pointer, out SchemaLocation? location))
        {
            if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
            {
                throw GrammarException.BadSchema(pointer, "is neither an object nor true or false.");
            }

            location = new SchemaLocation(_locations.Count, pointer, element);
            _locations.Add(pointer, location);
        }

        return location;
    }
}
