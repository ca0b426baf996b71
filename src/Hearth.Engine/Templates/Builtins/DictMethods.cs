using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The methods of Python's <c>dict</c>; like lists, dictionaries belong to the rendering.</summary>
internal static class DictMethods
{
    public static Value? Find(DictValue self, string name)
    {
        Func<RenderState, Arguments, Value>? method = name switch
        {
            "clear" => (_, a) => Clear(self, a),
            "copy" => (state, a) => Copy(state, self, a),
            "get" => (_, a) => Get(self, a),
            "items" => (_, a) => Items(self, a),
            "keys" => (_, a) => View(self, a, name, "dict_keys", pair => pair.Key),
            "pop" => (state, a) => Pop(state, self, a),
            "popitem" => (_, a) => PopItem(self, a),
            "setdefault" => (state, a) => SetDefault(state, self, a),
            "update" => (state, a) => Update(state, self, a),
            "values" => (_, a) => View(self, a, name, "dict_values", pair => pair.Value),
            _ => null,
        };
        return method is null ? null : new FunctionValue(name, method);
    }

    /// <summary>A pair of key and value.</summary>
    public static TupleValue Pair(KeyValuePair<Value, Value> pair) => new([pair.Key, pair.Value]);

    /// <summary>Python's <c>dict.update</c> with one argument: a mapping or pairs.</summary>
    public static void Merge(RenderState state, DictValue self, Value source)
    {
        if (source is DictValue other)
        {
            foreach ((Value key, Value value) in other.Entries.ToArray())
            {
                self.Set(state, key, value);
            }

            return;
        }

        foreach (Value item in Access.ToList(state, source))
        {
            List<Value> pair = Access.Unpack(state, item, 2);
            self.Set(state, pair[0], pair[1]);
        }
    }

    private static DictViewValue Items(DictValue self, Arguments arguments) => View(self, arguments, "items", "dict_items", Pair);

    private static DictViewValue View(
        DictValue self, Arguments arguments, string name, string typeName, Func<KeyValuePair<Value, Value>, Value> select)
    {
        arguments.ExpectNone(name);
        return new DictViewValue(typeName, self, select);
    }

    private static Value Get(DictValue self, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("get", 1, "key", "default");
        return self.Find(bound[0]!) ?? bound[1] ?? NoneValue.Instance;
    }

    private static NoneValue Clear(DictValue self, Arguments arguments)
    {
        arguments.ExpectNone("clear");
        self.Entries.Clear();
        return NoneValue.Instance;
    }

    private static DictValue Copy(RenderState state, DictValue self, Arguments arguments)
    {
        arguments.ExpectNone("copy");
        var copy = new DictValue(state);
        Merge(state, copy, self);
        return copy;
    }

    private static Value Pop(RenderState state, DictValue self, Arguments arguments)
    {
        const int EntriesPerStep = 4;
        state.Budget.Charge(1 + self.Entries.Count / EntriesPerStep);
        Value?[] bound = arguments.Bind("pop", 1, "key", "default");
        if (self.Entries.Remove(bound[0]!, out Value? value))
        {
            return value;
        }

        return bound[1] ?? throw TemplateException.Value("KeyError: the key to pop is not in the dict");
    }

    private static TupleValue PopItem(DictValue self, Arguments arguments)
    {
        arguments.ExpectNone("popitem");
        if (self.Entries.Count == 0)
        {
            throw TemplateException.Value("popitem(): dictionary is empty");
        }

        TupleValue pair = Pair(self.Entries.GetAt(self.Entries.Count - 1));
        self.Entries.RemoveAt(self.Entries.Count - 1);
        return pair;
    }

    private static Value SetDefault(RenderState state, DictValue self, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("setdefault", 1, "key", "default");
        if (self.Find(bound[0]!) is { } found)
        {
            return found;
        }

        Value value = bound[1] ?? NoneValue.Instance;
        self.Set(state, bound[0]!, value);
        return value;
    }

    private static NoneValue Update(RenderState state, DictValue self, Arguments arguments)
    {
        foreach (Value source in arguments.Positional)
        {
            Merge(state, self, source);
        }

        foreach ((string name, Value value) in arguments.Named)
        {
            self.Set(state, StringValue.FromTemplate(name), value);
        }

        return NoneValue.Instance;
    }
}
