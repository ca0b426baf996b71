using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Runtime;

/// <summary>Turns the context's JSON into template values and marks its strings as user text.</summary>
internal sealed class ContextReader(RenderState state, IReadOnlySet<string> trustedVariables)
{
    private const int MaxRoleLength = 64;

    public Value ReadVariable(string name, JsonNode? node)
    {
        if (trustedVariables.Contains(name) && node is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            return StringValue.FromTemplate(ReadText(value));
        }

        return name == "messages" && node is JsonArray messages ? ReadMessages(messages) : Read(node);
    }

    private ListValue ReadMessages(JsonArray messages)
    {
        var items = new List<Value>(messages.Count);
        foreach (JsonNode? message in messages)
        {
            Value value = Read(message);
            if (value is DictValue dict && dict.Find("role") is StringValue role && IsRoleName(role.Text))
            {
                dict.Set(state, StringValue.FromTemplate("role"), StringValue.FromTemplate(role.Text));
            }

            items.Add(value);
        }

        return new ListValue(items);
    }

    // Templates build special tokens from roles ('<|' + message.role + '|>'). A role is a word of the protocol, not user text,
    // and one of these characters alone cannot spell a special token.
    public static bool IsRoleName(string role) =>
        role.Length is > 0 and <= MaxRoleLength && role.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private Value Read(JsonNode? node)
    {
        state.Budget.Charge();
        switch (node)
        {
            case null:
                return NoneValue.Instance;
            case JsonArray array:
                return ReadArray(array);
            case JsonObject members:
                return ReadObject(members);
            default:
                return ReadScalar(node.AsValue());
        }
    }

    private ListValue ReadArray(JsonArray array)
    {
        state.Budget.Enter();
        var items = new List<Value>(array.Count);
        foreach (JsonNode? item in array)
        {
            items.Add(Read(item));
        }

        state.Budget.Leave();
        return new ListValue(items);
    }

    private DictValue ReadObject(JsonObject members)
    {
        state.Budget.Enter();
        var dict = new DictValue(state);
        foreach ((string name, JsonNode? member) in members)
        {
            dict.Set(state, StringValue.FromInput(name), Read(member));
        }

        state.Budget.Leave();
        return dict;
    }

    private static Value ReadScalar(JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                return StringValue.FromInput(ReadText(value));
            case JsonValueKind.True:
                return BoolValue.True;
            case JsonValueKind.False:
                return BoolValue.False;
            case JsonValueKind.Number:
                return ReadNumber(value);
            default:
                return NoneValue.Instance;
        }
    }

    // A value made in code may be a char or a date, whose JSON is a string.
    private static string ReadText(JsonValue value) =>
        value.TryGetValue(out string? text) ? text : JsonNode.Parse(value.ToJsonString())!.GetValue<string>();

    private static Value ReadNumber(JsonValue value)
    {
        if (!value.TryGetValue(out JsonElement _) && (value.TryGetValue(out double real) || TryGetSingle(value, out real)))
        {
            return new FloatValue(real);
        }

        string text = value.ToJsonString();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && text.Length <= IntValue.MaxDigits
            ? IntValue.Of(BigInteger.Parse(text, CultureInfo.InvariantCulture))
            : new FloatValue(double.Parse(text, CultureInfo.InvariantCulture));
    }

    private static bool TryGetSingle(JsonValue value, out double real)
    {
        bool found = value.TryGetValue(out float single);
        real = single;
        return found;
    }
}
