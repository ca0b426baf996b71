using System.Text.Json;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>What the places of a shape say about the members of objects and arrays.</summary>
internal sealed class SchemaMembers
{
    private readonly SchemaDocument _document;
    private readonly IReadOnlyList<SchemaLocation> _locations;
    private readonly Func<string, string, bool> _matches;

    /// <param name="document">The schema.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="matches">Whether an expression, the first argument, is found in a text.</param>
    /// <exception cref="GrammarException">A keyword is wrong or not supported.</exception>
    public SchemaMembers(SchemaDocument document, SchemaShape shape, Func<string, string, bool> matches)
    {
        _document = document;
        _locations = shape.Locations;
        _matches = matches;
        foreach (SchemaLocation location in _locations)
        {
            Names.AddRange(location.Members("properties").Keys.Except(Names).ToArray());
            Patterns.AddRange(location.Members("patternProperties").Keys.Except(Patterns).ToArray());
            PrefixLength = Math.Max(PrefixLength, Prefix(location)?.GetArrayLength() ?? 0);
        }

        bool isDescribed = _locations.Any(location => location["properties"] is not null);
        Names.AddRange(shape.Required.Except(Names).ToArray());
        AllowsOthers = !isDescribed || _locations.Any(location => location["additionalProperties"] is { ValueKind: not JsonValueKind.False });
        AllowsRest = PrefixLength == 0 || shape.MinItems > PrefixLength || _locations.Any(location => Rest(location) is not null);
    }

    /// <summary>The names of properties that are described or required, in order.</summary>
    public List<string> Names { get; } = [];

    /// <summary>Expressions for names of properties.</summary>
    public List<string> Patterns { get; } = [];

    /// <summary>Whether there may be properties that no name and no expression describes. Where names are described, that must be said.</summary>
    public bool AllowsOthers { get; }

    /// <summary>How many items are described by their place.</summary>
    public int PrefixLength { get; }

    /// <summary>Whether there may be items behind those. Where places are described, that must be said.</summary>
    public bool AllowsRest { get; }

    /// <summary>Places that names of properties must satisfy.</summary>
    public IReadOnlyList<SchemaLocation> NamePlaces =>
        [.. _locations.Where(location => location["propertyNames"] is not null).Select(location => _document.Child(location, "propertyNames", location["propertyNames"]!.Value))];

    /// <summary>What the value of a property must satisfy.</summary>
    public IReadOnlyList<SchemaLocation> Property(string name)
    {
        List<SchemaLocation> places = [];
        foreach (SchemaLocation location in _locations)
        {
            int before = places.Count;
            if (location.Members("properties").TryGetValue(name, out JsonElement described))
            {
                places.Add(_document.Child(location, "properties", name, described));
            }

            places.AddRange(location.Members("patternProperties").Where(property => _matches(property.Key, name))
                .Select(property => _document.Child(location, "patternProperties", property.Key, property.Value)));
            if (places.Count == before)
            {
                AddOther(location, places);
            }
        }

        return places;
    }

    /// <summary>What the value of a property that only one expression describes must satisfy.</summary>
    public IReadOnlyList<SchemaLocation> PatternProperty(string pattern)
    {
        List<SchemaLocation> places = [];
        foreach (SchemaLocation location in _locations)
        {
            if (location.Members("patternProperties").TryGetValue(pattern, out JsonElement described))
            {
                places.Add(_document.Child(location, "patternProperties", pattern, described));
            }
            else
            {
                AddOther(location, places);
            }
        }

        return places;
    }

    /// <summary>What the value of any other property must satisfy.</summary>
    public IReadOnlyList<SchemaLocation> OtherProperty()
    {
        List<SchemaLocation> places = [];
        foreach (SchemaLocation location in _locations)
        {
            AddOther(location, places);
        }

        return places;
    }

    /// <summary>What an item must satisfy.</summary>
    /// <param name="index">Its place.</param>
    public IReadOnlyList<SchemaLocation> Item(int index)
    {
        List<SchemaLocation> places = [];
        foreach (SchemaLocation location in _locations)
        {
            string keyword = location["prefixItems"] is null ? "items" : "prefixItems";
            if (Prefix(location) is JsonElement prefix && index < prefix.GetArrayLength())
            {
                places.Add(_document.Child(location, keyword, $"{index}", prefix[index]));
            }
            else if (Rest(location) is (string name, JsonElement) rest)
            {
                places.Add(_document.Child(location, name, rest.Item2));
            }
        }

        return places;
    }

    private void AddOther(SchemaLocation location, List<SchemaLocation> places)
    {
        if (location["additionalProperties"] is JsonElement others)
        {
            places.Add(_document.Child(location, "additionalProperties", others));
        }
    }

    // Before 2020, a list of items was what prefixItems is now, and additionalItems the rest.
    private static JsonElement? Prefix(SchemaLocation location) =>
        location["prefixItems"] is JsonElement prefix
            ? prefix.ValueKind == JsonValueKind.Array ? prefix : throw location.Bad("prefixItems", "is no list of schemas.")
            : location["items"] is { ValueKind: JsonValueKind.Array } list ? list : null;

    private static (string Name, JsonElement Element)? Rest(SchemaLocation location) =>
        location["items"] is JsonElement items
            ? items.ValueKind != JsonValueKind.Array ? ("items", items)
                : location["additionalItems"] is JsonElement rest ? ("additionalItems", rest) : null
            : null;
}
