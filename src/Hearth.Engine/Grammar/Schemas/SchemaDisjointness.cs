using System.Text.Json;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>
/// Shows that no value satisfies two alternatives of a <c>oneOf</c>, which then is an <c>anyOf</c>: by their types, by their lists of values, by
/// the ends of their numbers, or by a property that tells them apart.
/// </summary>
internal static class SchemaDisjointness
{
    private const int MaxOptions = 256;
    private const int MaxDepth = 4;

    /// <exception cref="GrammarException">Two alternatives may both be satisfied, as far as can be seen.</exception>
    public static void Check(SchemaLocation location, IReadOnlyList<SchemaLocation> options, SchemaExpansion expansion, SchemaDocument document)
    {
        if (options.Count > MaxOptions)
        {
            throw location.Unsupported("oneOf", $" with more than {MaxOptions} alternatives.");
        }

        for (int first = 0; first < options.Count; first++)
        {
            for (int second = first + 1; second < options.Count; second++)
            {
                if (!AreDisjoint([options[first]], [options[second]], expansion, document, 0))
                {
                    throw location.Unsupported("oneOf", $" where a value may satisfy more than one alternative, here {first} and {second}: tell them apart by a type or a constant property, or use anyOf.");
                }
            }
        }
    }

    private static bool AreDisjoint(IReadOnlyList<SchemaLocation> first, IReadOnlyList<SchemaLocation> second, SchemaExpansion expansion, SchemaDocument document, int depth) =>
        depth < MaxDepth && expansion.Expand(first).All(one => expansion.Expand(second).All(other => AreDisjoint(one, other, expansion, document, depth)));

    private static bool AreDisjoint(SchemaShape first, SchemaShape second, SchemaExpansion expansion, SchemaDocument document, int depth)
    {
        JsonTypes firstTypes = TypesOf(first);
        JsonTypes secondTypes = TypesOf(second);
        JsonTypes common = firstTypes & secondTypes;
        if (common == JsonTypes.None)
        {
            return true;
        }

        if (first.Values is not null && second.Values is not null)
        {
            return !first.Values.Any(second.Lists);
        }

        if ((common & ~JsonTypes.Number) == JsonTypes.None)
        {
            return IsBelow(first.Maximum, second.Minimum) || IsBelow(second.Maximum, first.Minimum);
        }

        return common == JsonTypes.Object && AreObjectsDisjoint(first, second, expansion, document, depth);
    }

    private static bool AreObjectsDisjoint(SchemaShape first, SchemaShape second, SchemaExpansion expansion, SchemaDocument document, int depth)
    {
        SchemaMembers ones = new(document, first, (_, _) => false);
        SchemaMembers others = new(document, second, (_, _) => false);
        if (ones.Patterns.Count > 0 || others.Patterns.Count > 0)
        {
            return false;
        }

        return first.Required.Union(second.Required).Any(name =>
            (first.Required.Contains(name) || Forbids(first, name)) && (second.Required.Contains(name) || Forbids(second, name))
            && AreDisjoint(ones.Property(name), others.Property(name), expansion, document, depth + 1));
    }

    private static bool Forbids(SchemaShape shape, string name) => shape.Locations.Any(location =>
        location["additionalProperties"] is { ValueKind: JsonValueKind.False }
        && !(location["properties"] is { ValueKind: JsonValueKind.Object } properties && properties.TryGetProperty(name, out _)));

    private static bool IsBelow(NumberBound? high, NumberBound? low)
    {
        if (high is not NumberBound most || low is not NumberBound least)
        {
            return false;
        }

        int order = most.Value.CompareTo(least.Value);
        return order < 0 || (order == 0 && (most.IsExclusive || least.IsExclusive));
    }

    private static JsonTypes TypesOf(SchemaShape shape)
    {
        if (shape.Values is null)
        {
            return shape.Types;
        }

        JsonTypes types = JsonTypes.None;
        foreach (JsonElement value in shape.Values)
        {
            types |= value.ValueKind switch
            {
                JsonValueKind.Null => JsonTypes.Null,
                JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
                JsonValueKind.Number => JsonTypes.Number,
                JsonValueKind.String => JsonTypes.String,
                JsonValueKind.Array => JsonTypes.Array,
                _ => JsonTypes.Object,
            };
        }

        return types & shape.Types;
    }
}
