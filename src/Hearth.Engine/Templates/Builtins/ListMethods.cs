using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>
/// The methods of Python's <c>list</c> and <c>tuple</c>. A template may change its own lists (published templates do), which the
/// rendering owns: nothing outside sees it.
/// </summary>
internal static class ListMethods
{
    public static Value? Find(SequenceValue self, string name)
    {
        Func<RenderState, Arguments, Value>? method = (self, name) switch
        {
            (_, "count") => (state, a) => Count(state, self, a),
            (_, "index") => (state, a) => Index(state, self, a),
            (ListValue list, "append") => (state, a) => Append(state, list, a),
            (ListValue list, "clear") => (_, a) => Clear(list, a),
            (ListValue list, "copy") => (state, a) => Copy(state, list, a),
            (ListValue list, "extend") => (state, a) => Extend(state, list, a),
            (ListValue list, "insert") => (state, a) => Insert(state, list, a),
            (ListValue list, "pop") => (state, a) => Pop(state, list, a),
            (ListValue list, "remove") => (state, a) => Remove(state, list, a),
            (ListValue list, "reverse") => (state, a) => Reverse(state, list, a),
            (ListValue list, "sort") => (state, a) => Sort(state, list, a),
            _ => null,
        };
        return method is null ? null : new FunctionValue(name, method);
    }

    private static IntValue Count(RenderState state, SequenceValue self, Arguments arguments)
    {
        Value item = arguments.Bind("count", 1, "value")[0]!;
        state.Budget.Charge(self.Items.Count);
        return IntValue.Of(self.Items.Count(other => Comparison.AreEqual(state, other, item)));
    }

    private static IntValue Index(RenderState state, SequenceValue self, Arguments arguments)
    {
        Value item = arguments.Bind("index", 1, "value")[0]!;
        int index = Find(state, self.Items, item);
        return index >= 0
            ? IntValue.Of(index)
            : throw TemplateException.Value($"{Representation.Repr(state, item).Text} is not in {self.TypeName}");
    }

    private static NoneValue Append(RenderState state, ListValue list, Arguments arguments)
    {
        state.Budget.Charge();
        list.List.Add(arguments.Bind("append", 1, "object")[0]!);
        return NoneValue.Instance;
    }

    private static NoneValue Clear(ListValue list, Arguments arguments)
    {
        arguments.ExpectNone("clear");
        list.List.Clear();
        return NoneValue.Instance;
    }

    private static ListValue Copy(RenderState state, ListValue list, Arguments arguments)
    {
        arguments.ExpectNone("copy");
        state.Budget.Charge(list.List.Count);
        return new ListValue([.. list.List]);
    }

    private static NoneValue Extend(RenderState state, ListValue list, Arguments arguments)
    {
        list.List.AddRange(Access.ToList(state, arguments.Bind("extend", 1, "iterable")[0]!));
        return NoneValue.Instance;
    }

    private static NoneValue Insert(RenderState state, ListValue list, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("insert", 2, "index", "object");
        int index = Numeric.ToIndex(bound[0]!);
        ChargeMove(state, list);
        list.List.Insert(Math.Clamp(index < 0 ? index + list.List.Count : index, 0, list.List.Count), bound[1]!);
        return NoneValue.Instance;
    }

    private static Value Pop(RenderState state, ListValue list, Arguments arguments)
    {
        int index = arguments.Bind("pop", 0, "index")[0] is { } given ? Numeric.ToIndex(given) : -1;
        index = index < 0 ? index + list.List.Count : index;
        if (index < 0 || index >= list.List.Count)
        {
            throw TemplateException.Value(list.List.Count == 0 ? "pop from empty list" : "pop index out of range");
        }

        ChargeMove(state, list);
        Value item = list.List[index];
        list.List.RemoveAt(index);
        return item;
    }

    private static NoneValue Remove(RenderState state, ListValue list, Arguments arguments)
    {
        int index = Find(state, list.List, arguments.Bind("remove", 1, "value")[0]!);
        if (index < 0)
        {
            throw TemplateException.Value("list.remove(x): x not in list");
        }

        list.List.RemoveAt(index);
        return NoneValue.Instance;
    }

    private static NoneValue Reverse(RenderState state, ListValue list, Arguments arguments)
    {
        arguments.ExpectNone("reverse");
        state.Budget.Charge(list.List.Count);
        list.List.Reverse();
        return NoneValue.Instance;
    }

    private static NoneValue Sort(RenderState state, ListValue list, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("sort", 0, "reverse");
        Value[] sorted = Sorting.Sort(state, list.List, key: null, reverse: bound[0] is { IsTrue: true });
        list.List.Clear();
        list.List.AddRange(sorted);
        return NoneValue.Instance;
    }

    private static int Find(RenderState state, IReadOnlyList<Value> items, Value item)
    {
        for (int i = 0; i < items.Count; i++)
        {
            state.Budget.Charge();
            if (Comparison.AreEqual(state, items[i], item))
            {
                return i;
            }
        }

        return -1;
    }

    private static void ChargeMove(RenderState state, ListValue list)
    {
        const int ItemsPerStep = 32;
        state.Budget.Charge(1 + list.List.Count / ItemsPerStep);
    }
}
