using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>Compares JSON values as JSON Schema does, so that long lists of them can be searched by hash.</summary>
internal sealed class JsonValueComparer : IEqualityComparer<JsonElement>
{
    public static JsonValueComparer Instance { get; } = new();

    public bool Equals(JsonElement left, JsonElement right)
    {
        try
        {
            return JsonElement.DeepEquals(left, right);
        }
        catch (ArgumentOutOfRangeException)
        {
            // A number's exponent has more digits than any number needs: it equals what is written alike.
            return left.GetRawText() == right.GetRawText();
        }
    }

    // Equal numbers may be written in several ways, and objects have no order.
    public int GetHashCode([DisallowNull] JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TextHash(value),
        JsonValueKind.Number => value.GetDouble().GetHashCode(),
        JsonValueKind.Array => value.EnumerateArray().Aggregate(1, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        JsonValueKind.Object => value.EnumerateObject().Aggregate(2, (hash, property) => hash + property.Name.GetHashCode(StringComparison.Ordinal)),
        JsonValueKind kind => (int)kind,
    };

    private static int TextHash(JsonElement text)
    {
        try
        {
            return text.GetString()!.GetHashCode(StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text.
            return 0;
        }
    }
}
