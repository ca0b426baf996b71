using System.Text.Json.Nodes;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Makes schemas of all kinds that are supported, the same for the same seed.</summary>
internal sealed class RandomSchemas(int seed)
{
    private static readonly string[] s_names = ["name", "id", "a", "ab", "abc", "über", "a\"b", "x y", "n\\", "items", "value", "$ref", ""];
    private static readonly string[] s_formats = ["date", "time", "date-time", "uuid", "ipv4", "ipv6", "email", "hostname", "uri"];
    private static readonly string[] s_patterns =
        ["^[a-z]{2,5}$", "^(ab|cd)+$", "x", "^[^a]*$", "^\\d{3}-\\d{2}$", "^a?b*c+$", "[0-9]$", "^(?:foo|bar)", "^.{3}$", "^[A-Z][a-z]+( [A-Z][a-z]+)?$"];

    private readonly Random _random = new(seed);
    private bool _hasDefinitions;

    /// <summary>A schema as text.</summary>
    public string Next()
    {
        // Definitions do not refer to each other: a schema that is its own alternative means nothing.
        _hasDefinitions = false;
        JsonObject definitions = [];
        for (int i = 0; i < 2; i++)
        {
            definitions[$"d{i}"] = Schema(2);
        }

        // One that refers to itself, with a way out.
        definitions["list"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["v"] = Schema(0), ["next"] = new JsonObject { ["anyOf"] = new JsonArray(Ref("list"), Type("null")) } },
            ["required"] = new JsonArray("v"),
            ["additionalProperties"] = false,
        };
        _hasDefinitions = true;
        JsonNode root = _random.Next(4) == 0 ? Schema(3) : Object(3);
        if (root is not JsonObject schema)
        {
            return root.ToJsonString();
        }

        schema["$defs"] = definitions;
        return schema.ToJsonString();
    }

    private JsonNode Schema(int depth)
    {
        switch (_random.Next(depth > 0 ? 16 : 8))
        {
            case 0 or 1:
                return String();
            case 2:
                return Number("number");
            case 3:
                return Number("integer");
            case 4:
                return Type(Pick(["boolean", "null", "string"]));
            case 5:
                return new JsonObject { ["enum"] = new JsonArray([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Value())]) };
            case 6:
                return _random.Next(3) == 0 ? true : new JsonObject { ["const"] = Value() };
            case 7:
                return new JsonObject { ["type"] = new JsonArray("integer", "null", "string") };
            case 8 or 9 or 10:
                return Object(depth - 1);
            case 11 or 12:
                return Array(depth - 1);
            case 13:
                return new JsonObject { ["anyOf"] = new JsonArray(Schema(depth - 1), Schema(depth - 1), Type("null")) };
            case 14:
                return new JsonObject { ["allOf"] = new JsonArray(Object(depth - 1, closes: false), Object(depth - 1, closes: false)) };
            default:
                return Ref(_hasDefinitions ? Pick(["list", "d0", "d1"]) : "list");
        }
    }

    private JsonObject Object(int depth, bool closes = true)
    {
        JsonObject properties = [];
        JsonArray required = [];
        foreach (string name in s_names.OrderBy(_ => _random.Next()).Take(_random.Next(5)))
        {
            properties[name] = Schema(depth);
            if (_random.Next(2) == 0)
            {
                required.Add(name);
            }
        }

        JsonObject schema = new() { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        switch (_random.Next(closes ? 6 : 2))
        {
            case 0:
                schema["additionalProperties"] = true;
                break;
            case 2:
                schema["additionalProperties"] = Schema(0);
                break;
            case 3:
                schema["patternProperties"] = new JsonObject { ["^x-"] = Schema(0), ["b$"] = Schema(0) };
                schema["additionalProperties"] = false;
                break;
            case 4:
                schema["additionalProperties"] = false;
                break;
            case 5:
                schema["propertyNames"] = new JsonObject { ["pattern"] = "^[a-z]*$" };
                schema["additionalProperties"] = true;
                schema["required"] = new JsonArray();
                schema["minProperties"] = _random.Next(2);
                break;
        }

        return schema;
    }

    private JsonObject Array(int depth)
    {
        JsonObject schema = new() { ["type"] = "array" };
        int prefix = 0;
        if (_random.Next(2) == 0)
        {
            prefix = _random.Next(1, 3);
            schema["prefixItems"] = new JsonArray([.. Enumerable.Range(0, prefix).Select(_ => Schema(depth))]);
        }

        if (_random.Next(4) != 0)
        {
            schema["items"] = Schema(depth);
        }

        if (_random.Next(2) == 0)
        {
            schema["minItems"] = _random.Next(3);
        }

        if (_random.Next(2) == 0)
        {
            schema["maxItems"] = _random.Next(2, 6);
        }

        return schema;
    }

    private JsonObject String()
    {
        JsonObject schema = Type("string");
        switch (_random.Next(5))
        {
            case 0:
                schema["minLength"] = _random.Next(4);
                schema["maxLength"] = _random.Next(4, 12);
                break;
            case 1:
                schema["pattern"] = Pick(s_patterns);
                break;
            case 2:
                schema["format"] = Pick(s_formats);
                break;
            case 3:
                schema["pattern"] = Pick(s_patterns);
                schema["maxLength"] = _random.Next(6, 12);
                break;
        }

        return schema;
    }

    private JsonObject Number(string type)
    {
        JsonObject schema = Type(type);
        double low = Math.Round((_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(0, 7)), _random.Next(0, 4));
        if (_random.Next(2) == 0)
        {
            schema[Pick(["minimum", "exclusiveMinimum"])] = low;
        }

        if (_random.Next(2) == 0)
        {
            schema[Pick(["maximum", "exclusiveMaximum"])] = Math.Round(low + 10 + (_random.NextDouble() * Math.Pow(10, _random.Next(0, 6))), _random.Next(0, 4));
        }

        if (_random.Next(4) == 0)
        {
            schema["multipleOf"] = _random.Next(1, 8);
        }

        return schema;
    }

    private JsonNode? Value() => _random.Next(8) switch
    {
        0 => null,
        1 => true,
        2 => _random.Next(-100, 100),
        3 => 1.5,
        4 => new JsonArray(1, "a"),
        5 => new JsonObject { ["k"] = "v", ["n"] = new JsonArray() },
        _ => Pick(["red", "green", "a \"quoted\" one", "line\nbreak", "größer", "😀", ""]),
    };

    private static JsonObject Type(string type) => new() { ["type"] = type };

    private static JsonObject Ref(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    private T Pick<T>(T[] values) => values[_random.Next(values.Length)];
}
