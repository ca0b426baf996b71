using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go;

/// <summary>
/// Turns the context's JSON into values of Go and marks its strings as user text. What has another type than it should is left out.
/// </summary>
internal sealed class OllamaJson(Budget budget)
{
    private static readonly Comparer<string> s_keyOrder = Comparer<string>.Create(CodePoints.Compare);

    /// <summary>A value of any type: numbers are floats, and the keys of objects are in order, as in a map of Go.</summary>
    public GoValue Read(JsonNode? node)
    {
        budget.Charge();
        switch (node)
        {
            case null:
                return GoNil.Interface;
            case JsonArray array:
                budget.Enter();
                GoValue[] items = [.. array.Select(Read)];
                budget.Leave();
                return new GoList(items);
            case JsonObject members:
                return ReadMap(members, Read, isSorted: true, GoStyle.Plain);
            default:
                return ReadScalar(node.AsValue());
        }
    }

    /// <summary>An object as a map, with keys in order or as they come.</summary>
    public GoMap ReadMap(JsonObject members, Func<JsonNode?, GoValue> read, bool isSorted, GoStyle style)
    {
        budget.Enter();
        var entries = new OrderedDictionary<string, GoValue>();
        foreach ((string name, JsonNode? member) in isSorted ? members.OrderBy(member => member.Key, s_keyOrder) : members.AsEnumerable())
        {
            entries[name] = read(member);
        }

        budget.Leave();
        return new GoMap(entries) { Style = style };
    }

    /// <summary>The text of a member; empty when it has none.</summary>
    public static string Text(JsonObject owner, string name) => TextOf(owner[name]) ?? string.Empty;

    public static string? TextOf(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The members of an object that is a member, or null.</summary>
    public static JsonObject? Object(JsonObject owner, string name) => owner[name] as JsonObject;

    public static JsonArray? Array(JsonObject owner, string name) => owner[name] as JsonArray;

    private static GoValue ReadScalar(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.String => GoString.FromInput(TextOf(value) ?? string.Empty),
        JsonValueKind.True => GoBool.True,
        JsonValueKind.False => GoBool.False,
        JsonValueKind.Number => new GoFloat(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)),
        _ => GoNil.Interface,
    };
}
