namespace Hearth.Engine.Templates.Go.Values;

/// <summary>How a container is written when it is printed.</summary>
internal enum GoStyle
{
    /// <summary>As Go's <c>%v</c> does.</summary>
    Plain,

    /// <summary>As JSON.</summary>
    Json,

    /// <summary>As the JSON schema's <c>type</c>: one name alone, several as a list.</summary>
    SchemaType,
}

/// <summary>A container: what is nil or has no members is not true.</summary>
internal abstract class GoContainer : GoValue
{
    public GoStyle Style { get; init; }

    /// <summary>Whether it is the type's zero value, which JSON writes as <c>null</c>.</summary>
    public bool IsNil { get; init; }
}

/// <summary>A slice.</summary>
internal sealed class GoList(IReadOnlyList<GoValue> items, string typeName = "[]interface {}") : GoContainer
{
    public IReadOnlyList<GoValue> Items { get; } = items;

    public override string TypeName { get; } = typeName;

    public override bool IsTrue => Items.Count > 0;

    /// <summary>The part from <paramref name="start"/> up to <paramref name="end"/>, which shares the items.</summary>
    public GoList Slice(int start, int end)
    {
        GoValue[] all = Items as GoValue[] ?? [.. Items];
        return new GoList(new ArraySegment<GoValue>(all, start, end - start), TypeName) { Style = Style };
    }
}

/// <summary>A map with string keys, in the order in which it is printed and ranged over.</summary>
internal sealed class GoMap(OrderedDictionary<string, GoValue> entries) : GoContainer
{
    public OrderedDictionary<string, GoValue> Entries { get; } = entries;

    public override string TypeName => "map[string]interface {}";

    public override bool IsTrue => Entries.Count > 0;
}

/// <summary>Which values of a field JSON leaves out.</summary>
internal enum GoOmission
{
    /// <summary>None.</summary>
    None,

    /// <summary>What holds nothing.</summary>
    Nil,

    /// <summary>That, and what is empty.</summary>
    Empty,
}

/// <summary>A field of a struct.</summary>
/// <param name="Name">The name that templates use.</param>
/// <param name="Value">Its value.</param>
/// <param name="JsonName">The name in JSON.</param>
/// <param name="Omission">Which values JSON leaves out.</param>
internal readonly record struct GoField(string Name, GoValue Value, string JsonName, GoOmission Omission = GoOmission.None);

/// <summary>A struct, which is always true; a field that it does not have is an error.</summary>
internal sealed class GoStruct(string typeName, params GoField[] fields) : GoContainer
{
    public IReadOnlyList<GoField> Fields { get; } = fields;

    public override string TypeName { get; } = typeName;

    public override bool IsTrue => true;

    public GoValue? Find(string name)
    {
        foreach (GoField field in Fields)
        {
            if (field.Name == name)
            {
                return field.Value;
            }
        }

        return null;
    }
}
