using System.Text.Json;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>A schema inside a document; the same place is the same object.</summary>
/// <param name="id">A number that no other place has.</param>
/// <param name="pointer">Where it is (RFC 6901).</param>
/// <param name="element">What stands there.</param>
internal sealed class SchemaLocation(int id, string pointer, JsonElement element)
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, JsonElement>> _members = [];

    /// <summary>A number that no other place has.</summary>
    public int Id => id;

    /// <summary>Where it is.</summary>
    public string Pointer => pointer;

    /// <summary>What stands there.</summary>
    public JsonElement Element => element;

    /// <summary>The value of a keyword.</summary>
    public JsonElement? this[string keyword] => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(keyword, out JsonElement value) ? value : null;

    /// <summary>The schemas of a keyword that has one for each name; none when the keyword is not there.</summary>
    public IReadOnlyDictionary<string, JsonElement> Members(string keyword)
    {
        if (!_members.TryGetValue(keyword, out IReadOnlyDictionary<string, JsonElement>? members))
        {
            OrderedDictionary<string, JsonElement> read = [];
            if (this[keyword] is JsonElement value)
            {
                foreach (JsonProperty property in value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw Bad(keyword, "is no object of schemas."))
                {
                    read[property.Name] = property.Value;
                }
            }

            members = read;
            _members.Add(keyword, members);
        }

        return members;
    }

    /// <summary>A keyword that is not supported.</summary>
    public GrammarException Unsupported(string keyword, string why) => GrammarException.UnsupportedKeyword(keyword, $"{pointer}/{SchemaDocument.Escape(keyword)}", why);

    /// <summary>A keyword with a wrong value.</summary>
    public GrammarException Bad(string keyword, string found) => GrammarException.BadKeyword(keyword, $"{pointer}/{SchemaDocument.Escape(keyword)}", found);

    /// <summary>The value of a keyword that must be a whole number from 0 on.</summary>
    public int? Count(string keyword)
    {
        if (this[keyword] is not JsonElement value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= 0 && number == Math.Floor(number)
            ? (int)Math.Min(int.MaxValue, number)
            : throw Bad(keyword, "is no whole number from 0 on.");
    }
}
