using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The filters that reorder, cut or sum up sequences.</summary>
internal static class SequenceFilters
{
    public static Dictionary<string, Func<RenderState, Value, Arguments, Value>> All { get; } = new()
    {
        ["batch"] = Batch,
        ["count"] = Length,
        ["dictsort"] = DictSort,
        ["first"] = First,
        ["groupby"] = GroupBy,
        ["items"] = Items,
        ["last"] = Last,
        ["length"] = Length,
        ["list"] = (state, value, _) => new ListValue(Access.ToList(state, value)),
        ["max"] = (state, value, arguments) => Extreme(state, value, arguments, "max", ">"),
        ["min"] = (state, value, arguments) => Extreme(state, value, arguments, "min", "<"),
        ["reverse"] = Reverse,
        ["slice"] = Slice,
        ["sort"] = Sort,
        ["sum"] = Sum,
        ["unique"] = Unique,
    };

    private static IntValue Length(RenderState state, Value value, Arguments arguments)
    {
        arguments.ExpectNone("length");
        return value.Length is { } length
            ? IntValue.Of(length)
            : throw TemplateException.Type($"object of type '{value.TypeName}' has no len()");
    }

    private static Value First(RenderState state, Value value, Arguments arguments)
    {
        IEnumerator<Value> items = Access.Iterate(state, value);
        return items.MoveNext() ? items.Current : new UndefinedValue("No first item, sequence was empty.");
    }

    private static Value Last(RenderState state, Value value, Arguments arguments)
    {
        if (value is IteratorValue or NamespaceValue)
        {
            throw TemplateException.Type($"'{value.TypeName}' object is not reversible");
        }

        IReadOnlyList<Value> list = value is SequenceValue sequence ? sequence.Items : Access.ToList(state, value);
        Value? last = list.Count > 0 ? list[^1] : null;
        return last ?? new UndefinedValue("No last item, sequence was empty.");
    }

    private static Value Reverse(RenderState state, Value value, Arguments arguments)
    {
        arguments.ExpectNone("reverse");
        if (value is StringValue text)
        {
            return Access.Slice(state, text, null, null, IntValue.Of(-1));
        }

        List<Value> items = Access.ToList(state, value);
        items.Reverse();
        return value is IteratorValue
            ? new ListValue(items)
            : new IteratorValue($"{value.TypeName}_reverseiterator", items.GetEnumerator());
    }

    private static ListValue Sort(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("sort", 0, "reverse", "case_sensitive", "attribute");
        bool ignoreCase = bound[1] is not { IsTrue: true };
        Func<Value, Value> key = Sorting.MultiGetter(state, bound[2], ignoreCase);
        return new ListValue([.. Sorting.Sort(state, Access.ToList(state, value), key, bound[0] is { IsTrue: true })]);
    }

    private static ListValue DictSort(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("dictsort", 0, "case_sensitive", "by", "reverse");
        string by = bound[1] is StringValue given ? given.Text : "key";
        if (by is not ("key" or "value"))
        {
            throw TemplateException.Value("You can only sort by either \"key\" or \"value\"");
        }

        Value[] pairs = [.. RequireDict(state, value, "dictsort").Entries.Select(DictMethods.Pair)];
        bool ignoreCase = bound[0] is not { IsTrue: true };
        Func<Value, Value> key = Sorting.Getter(state, IntValue.Of(by == "key" ? 0 : 1), ignoreCase);
        return new ListValue([.. Sorting.Sort(state, pairs, key, bound[2] is { IsTrue: true })]);
    }

    private static IteratorValue Items(RenderState state, Value value, Arguments arguments)
    {
        arguments.ExpectNone("items");
        if (value is UndefinedValue)
        {
            return new IteratorValue("generator", value.Iterate(state)!);
        }

        DictValue dict = RequireDict(state, value, "items");
        return new IteratorValue("generator", dict.Guard(dict.Entries.Count, DictMethods.Pair));
    }

    private static Value Extreme(RenderState state, Value value, Arguments arguments, string name, string operation)
    {
        Value?[] bound = arguments.Bind(name, 0, "case_sensitive", "attribute");
        Func<Value, Value> getter = Sorting.Getter(state, bound[1], bound[0] is not { IsTrue: true });
        Value? best = null;
        Value? bestKey = null;
        foreach (Value item in Access.ToList(state, value))
        {
            Value key = getter(item);
            if (best is null || Comparison.IsOrdered(state, key, bestKey!, operation))
            {
                (best, bestKey) = (item, key);
            }
        }

        return best ?? new UndefinedValue("No aggregated item, sequence was empty.");
    }

    private static Value Sum(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("sum", 0, "attribute", "start");
        Func<Value, Value> getter = Sorting.Getter(state, bound[0]);
        Value sum = bound[1] ?? IntValue.Of(0);
        if (sum is StringValue)
        {
            throw TemplateException.Type("sum() can't sum strings [use ''.join(seq) instead]");
        }

        foreach (Value item in Access.ToList(state, value))
        {
            sum = Operators.Binary(state, "+", sum, getter(item));
        }

        return sum;
    }

    private static IteratorValue Unique(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("unique", 0, "case_sensitive", "attribute");
        Func<Value, Value> getter = Sorting.Getter(state, bound[1], ignoreCase: bound[0] is not { IsTrue: true });
        return new IteratorValue("generator", Distinct(state, Access.Iterate(state, value), getter));
    }

    private static IEnumerator<Value> Distinct(RenderState state, IEnumerator<Value> items, Func<Value, Value> getter)
    {
        var seen = new HashSet<Value>(state.KeyComparer);
        while (items.MoveNext())
        {
            if (seen.Add(getter(items.Current)))
            {
                yield return items.Current;
            }
        }
    }

    private static ListValue GroupBy(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("groupby", 1, "attribute", "default", "case_sensitive");
        bool ignoreCase = bound[2] is not { IsTrue: true };
        Value? fallback = bound[1] is NoneValue ? null : bound[1];
        Func<Value, Value> key = Sorting.Getter(state, bound[0], ignoreCase, fallback);
        Func<Value, Value> label = Sorting.Getter(state, bound[0], ignoreCase: false, fallback);
        var groups = new List<Value>();
        var current = new List<Value>();
        foreach (Value item in Sorting.Sort(state, Access.ToList(state, value), key, reverse: false))
        {
            if (current.Count > 0 && !Comparison.AreEqual(state, key(current[0]), key(item)))
            {
                groups.Add(Group(label(current[0]), current));
                current = [];
            }

            current.Add(item);
        }

        if (current.Count > 0)
        {
            groups.Add(Group(label(current[0]), current));
        }

        return new ListValue(groups);
    }

    private static TupleValue Group(Value label, List<Value> items) => new([label, new ListValue(items)], ["grouper", "list"]);

    private static IteratorValue Batch(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("batch", 1, "linecount", "fill_with");
        return new IteratorValue("generator", Batches(state, Access.Iterate(state, value), Numeric.ToIndex(bound[0]!), bound[1]));
    }

    private static IEnumerator<Value> Batches(RenderState state, IEnumerator<Value> items, int size, Value? fill)
    {
        var batch = new List<Value>();
        while (items.MoveNext())
        {
            state.Budget.Charge();
            if (batch.Count == size)
            {
                yield return new ListValue(batch);
                batch = [];
            }

            batch.Add(items.Current);
        }

        if (batch.Count > 0)
        {
            yield return new ListValue(Filled(state, batch, fill, size));
        }
    }

    private static List<Value> Filled(RenderState state, List<Value> batch, Value? fill, int size)
    {
        if (fill is not (null or NoneValue) && batch.Count < size)
        {
            state.Budget.Charge(size);
            batch.AddRange(Enumerable.Repeat(fill, size - batch.Count));
        }

        return batch;
    }

    private static IteratorValue Slice(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("slice", 1, "slices", "fill_with");
        int count = Numeric.ToIndex(bound[0]!);
        return new IteratorValue("generator", Slices(state, Access.ToList(state, value), count, bound[1]));
    }

    private static IEnumerator<Value> Slices(RenderState state, List<Value> items, int count, Value? fill)
    {
        int size = count == 0 ? throw TemplateException.Value("integer division or modulo by zero") : items.Count / Math.Abs(count);
        int longer = items.Count % Math.Abs(count);
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            state.Budget.Charge(StringValue.StepsPerPart);
            int length = i < longer ? size + 1 : size;
            List<Value> slice = items.GetRange(start, length);
            start += length;
            if (fill is not (null or NoneValue) && i >= longer)
            {
                slice.Add(fill);
            }

            yield return new ListValue(slice);
        }
    }

    private static DictValue RequireDict(RenderState state, Value value, string filter) => value switch
    {
        DictValue dict => dict,
        UndefinedValue undefined => throw undefined.Error(state),
        _ => throw TemplateException.Type(filter == "items"
            ? "Can only get item pairs from a mapping."
            : $"'{value.TypeName}' object has no attribute 'items'"),
    };
}
