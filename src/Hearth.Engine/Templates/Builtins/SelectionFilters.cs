using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The filters that map or select items; like Jinja's, they return generators.</summary>
internal static class SelectionFilters
{
    public static Dictionary<string, Func<RenderState, Value, Arguments, Value>> All { get; } = new()
    {
        ["map"] = Map,
        ["reject"] = (state, value, arguments) => Select(state, value, arguments, byAttribute: false, expected: false),
        ["rejectattr"] = (state, value, arguments) => Select(state, value, arguments, byAttribute: true, expected: false),
        ["select"] = (state, value, arguments) => Select(state, value, arguments, byAttribute: false, expected: true),
        ["selectattr"] = (state, value, arguments) => Select(state, value, arguments, byAttribute: true, expected: true),
    };

    private static IteratorValue Map(RenderState state, Value value, Arguments arguments) =>
        new("generator", Mapped(state, value, arguments));

    private static IEnumerator<Value> Mapped(RenderState state, Value value, Arguments arguments)
    {
        if (!value.IsTrue)
        {
            yield break;
        }

        Func<Value, Value> map = Mapping(state, arguments);
        using IEnumerator<Value> items = Access.Iterate(state, value);
        while (items.MoveNext())
        {
            state.Budget.Charge();
            yield return map(items.Current);
        }
    }

    private static Func<Value, Value> Mapping(RenderState state, Arguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.Named.Any(pair => pair.Key == "attribute"))
        {
            Value?[] bound = new Arguments([], arguments.Named).Bind("map", 1, "attribute", "default");
            Value? fallback = bound[1] is NoneValue ? null : bound[1];
            return Sorting.Getter(state, bound[0], ignoreCase: false, fallback);
        }

        if (arguments.Positional.Count == 0)
        {
            throw TemplateException.Type("map requires a filter argument");
        }

        string filter = Representation.Str(state, arguments.Positional[0]).Text;
        Arguments rest = arguments.Skip(1);
        return item => Filters.Apply(state, filter, item, rest);
    }

    private static IteratorValue Select(RenderState state, Value value, Arguments arguments, bool byAttribute, bool expected) =>
        new("generator", Selected(state, value, arguments, byAttribute, expected));

    private static IEnumerator<Value> Selected(RenderState state, Value value, Arguments arguments, bool byAttribute, bool expected)
    {
        if (!value.IsTrue)
        {
            yield break;
        }

        Func<Value, bool> predicate = Predicate(state, arguments, byAttribute);
        using IEnumerator<Value> items = Access.Iterate(state, value);
        while (items.MoveNext())
        {
            state.Budget.Charge();
            if (predicate(items.Current) == expected)
            {
                yield return items.Current;
            }
        }
    }

    private static Func<Value, bool> Predicate(RenderState state, Arguments arguments, bool byAttribute)
    {
        Func<Value, Value> subject = item => item;
        if (byAttribute)
        {
            if (arguments.Positional.Count == 0)
            {
                throw TemplateException.Type("Missing parameter for attribute name");
            }

            subject = Sorting.Getter(state, arguments.Positional[0]);
            arguments = arguments.Skip(1);
        }

        if (arguments.Positional.Count == 0)
        {
            return item => subject(item).IsTrue;
        }

        string test = Representation.Str(state, arguments.Positional[0]).Text;
        Arguments rest = arguments.Skip(1);
        return item => Tests.Apply(state, test, subject(item), rest);
    }
}
