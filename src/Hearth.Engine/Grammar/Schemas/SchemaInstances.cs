using System.Text;
using System.Text.Json;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>Tells whether a value satisfies places of a schema: what <c>enum</c> and <c>const</c> list may contradict the keywords beside them.</summary>
internal sealed class SchemaInstances(SchemaDocument document, SchemaExpansion expansion)
{
    private readonly Dictionary<string, RegularAutomaton> _patterns = [];
    private readonly Dictionary<string, RegularAutomaton> _formats = [];

    /// <summary>Whether a value satisfies all of some places.</summary>
    public bool IsValid(JsonElement value, IReadOnlyList<SchemaLocation> locations) => expansion.Expand(locations).Any(shape => IsValid(value, shape));

    /// <summary>Whether a value satisfies a shape.</summary>
    public bool IsValid(JsonElement value, SchemaShape shape) =>
        shape.Lists(value) && value.ValueKind switch
        {
            JsonValueKind.Null => shape.Types.HasFlag(JsonTypes.Null),
            JsonValueKind.True or JsonValueKind.False => shape.Types.HasFlag(JsonTypes.Boolean),
            JsonValueKind.Number => DecimalNumber.Parse(value.GetRawText()) is DecimalNumber number && shape.Accepts(number),
            JsonValueKind.String => shape.Types.HasFlag(JsonTypes.String) && IsValid(value.GetString()!, shape),
            JsonValueKind.Array => shape.Types.HasFlag(JsonTypes.Array) && IsValidArray(value, shape),
            _ => shape.Types.HasFlag(JsonTypes.Object) && IsValidObject(value, shape),
        };

    /// <summary>Whether a string satisfies a shape that allows strings.</summary>
    public bool IsValid(string text, SchemaShape shape)
    {
        int length = text.EnumerateRunes().Count();
        return length >= shape.MinLength && !(length > shape.MaxLength)
            && shape.Patterns.TrueForAll(pattern => Matches(pattern.Pattern, text))
            && shape.Formats.TrueForAll(format => HasFormat(format, text));
    }

    /// <summary>Whether an expression is found in a text.</summary>
    public bool Matches(string pattern, string text)
    {
        if (!_patterns.TryGetValue(pattern, out RegularAutomaton? automaton))
        {
            automaton = new RegularAutomaton(RegexCompiler.Search(pattern, CharacterForm.Plain));
            _patterns.Add(pattern, automaton);
        }

        return automaton.Accepts(Encoding.UTF8.GetBytes(text));
    }

    private bool HasFormat(string format, string text)
    {
        if (StringFormats.Find(format, CharacterForm.Json) is not Expression expression)
        {
            return true;
        }

        if (!_formats.TryGetValue(format, out RegularAutomaton? automaton))
        {
            automaton = new RegularAutomaton(expression);
            _formats.Add(format, automaton);
        }

        return automaton.Accepts(Encoding.UTF8.GetBytes(CharactersExpression.ToJson(text)));
    }

    private bool IsValidArray(JsonElement array, SchemaShape shape)
    {
        SchemaMembers members = new(document, shape, Matches);
        int length = array.GetArrayLength();
        return length >= shape.MinItems && !(length > shape.MaxItems)
            && array.EnumerateArray().Select((item, index) => IsValid(item, members.Item(index))).All(valid => valid);
    }

    private bool IsValidObject(JsonElement value, SchemaShape shape)
    {
        SchemaMembers members = new(document, shape, Matches);
        string[] names = [.. value.EnumerateObject().Select(property => property.Name).Distinct()];
        return names.Length >= shape.MinProperties && !(names.Length > shape.MaxProperties)
            && shape.Required.TrueForAll(names.Contains)
            && value.EnumerateObject().All(property => IsValid(property.Value, members.Property(property.Name)))
            && (members.NamePlaces.Count == 0 || names.All(name => expansion.Expand(members.NamePlaces).Any(place => IsValidName(name, place))));
    }

    /// <summary>Whether the name of a property satisfies a shape.</summary>
    public bool IsValidName(string name, SchemaShape shape) => shape.Types.HasFlag(JsonTypes.String) && IsValid(name, shape)
        && (shape.Values is null || shape.Values.Any(value => value.ValueKind == JsonValueKind.String && value.GetString() == name));
}
