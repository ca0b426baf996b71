using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>Python's <c>sorted</c>, and the attribute paths that filters take.</summary>
internal static class Sorting
{
    /// <summary>The items in order of their keys; equal ones stay in their order, also when reversed.</summary>
    public static Value[] Sort(RenderState state, IReadOnlyList<Value> items, Func<Value, Value>? key, bool reverse)
    {
        state.Budget.Charge(items.Count);
        (Value Key, Value Item)[] keyed = [.. items.Select(item => (key is null ? item : key(item), item))];
        (Value Key, Value Item)[] sorted = StableSort.Sort(keyed, (a, b) => reverse ? IsLess(b.Key, a.Key) : IsLess(a.Key, b.Key));
        return [.. sorted.Select(pair => pair.Item)];

        bool IsLess(Value left, Value right)
        {
            state.Budget.Charge();
            return Comparison.IsOrdered(state, left, right, "<");
        }
    }

    /// <summary>Reads a path like <c>address.city</c> or <c>0.name</c>; the item itself without one.</summary>
    public static Func<Value, Value> Getter(RenderState state, Value? attribute, bool ignoreCase = false, Value? fallback = null)
    {
        Value[] parts = attribute switch
        {
            null or NoneValue => [],
            StringValue path => [.. path.Text.Split('.').Select(Part)],
            _ => [attribute],
        };
        return item =>
        {
            state.Budget.Charge();
            foreach (Value part in parts)
            {
                item = Access.Item(state, item, part);
                item = item is UndefinedValue && fallback is not null ? fallback : item;
            }

            return ignoreCase ? IgnoreCase(item) : item;
        };
    }

    /// <summary>Reads several paths, separated by commas, as a list.</summary>
    public static Func<Value, Value> MultiGetter(RenderState state, Value? attribute, bool ignoreCase)
    {
        Func<Value, Value>[] getters = attribute is StringValue paths
            ? [.. paths.Text.Split(',').Select(path => Getter(state, StringValue.FromTemplate(path), ignoreCase))]
            : [Getter(state, attribute, ignoreCase)];
        return item => new ListValue([.. getters.Select(getter => getter(item))]);
    }

    /// <summary>A text in lower case; anything else as it is.</summary>
    public static Value IgnoreCase(Value value) => value is StringValue text ? text.WithText(Casing.Lower(text.Text)) : value;

    private static Value Part(string part) => part.Length > 0 && part.All(char.IsAsciiDigit) && int.TryParse(part, out int index)
        ? IntValue.Of(index)
        : StringValue.FromTemplate(part);
}
