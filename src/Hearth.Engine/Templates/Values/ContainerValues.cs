using Hearth.Engine.Templates.Builtins;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>A list or a tuple.</summary>
internal abstract class SequenceValue : Value
{
    public abstract IReadOnlyList<Value> Items { get; }

    public override bool IsTrue => Items.Count > 0;

    public override int? Length => Items.Count;

    // Like Python's, the iterator goes by index, and sees what is appended meanwhile.
    public override IEnumerator<Value> Iterate(RenderState state)
    {
        for (int i = 0; i < Items.Count; i++)
        {
            yield return Items[i];
        }
    }

    public override Value? Item(RenderState state, Value key)
    {
        if (!Numeric.TryGetIndex(key, out int index))
        {
            return null;
        }

        index = index < 0 ? index + Items.Count : index;
        return index >= 0 && index < Items.Count ? Items[index] : null;
    }
}

/// <summary>Python's <c>list</c>. It belongs to the rendering, so changing it has no effect outside.</summary>
internal sealed class ListValue(List<Value> items) : SequenceValue
{
    public override string TypeName => "list";

    public List<Value> List { get; } = items;

    public override IReadOnlyList<Value> Items => List;

    public override Value? Attribute(RenderState state, string name) =>
        StringValue.IsDunder(name) ? Unsafe(name) : ListMethods.Find(this, name);
}

/// <summary>Python's <c>tuple</c>; with field names for the groups of <c>groupby</c>.</summary>
internal sealed class TupleValue(Value[] items, string[]? fields = null) : SequenceValue
{
    public override string TypeName => "tuple";

    public override IReadOnlyList<Value> Items => items;

    public override Value? Attribute(RenderState state, string name)
    {
        int field = fields is null ? -1 : Array.IndexOf(fields, name);
        return field >= 0 ? items[field] : StringValue.IsDunder(name) ? Unsafe(name) : ListMethods.Find(this, name);
    }
}

/// <summary>Python's <c>dict</c>: ordered by insertion. It belongs to the rendering, so changing it has no effect outside.</summary>
internal sealed class DictValue(RenderState state) : Value
{
    public override string TypeName => "dict";

    public OrderedDictionary<Value, Value> Entries { get; } = new(state.KeyComparer);

    public override bool IsTrue => Entries.Count > 0;

    public override int? Length => Entries.Count;

    public Value? Find(Value key) => Entries.TryGetValue(key, out Value? value) ? value : null;

    public Value? Find(string key) => Find(StringValue.FromTemplate(key));

    public void Set(RenderState owner, Value key, Value value)
    {
        owner.Budget.Charge();
        Entries[key] = value;
    }

    public override IEnumerator<Value> Iterate(RenderState state) => Guard(Entries.Count, pair => pair.Key);

    /// <summary>The entries one by one; an error when entries come or go meanwhile, as in Python.</summary>
    public IEnumerator<Value> Guard(int count, Func<KeyValuePair<Value, Value>, Value> select)
    {
        for (int i = 0; ; i++)
        {
            if (Entries.Count != count)
            {
                throw TemplateException.Value("dictionary changed size during iteration");
            }

            if (i == count)
            {
                yield break;
            }

            yield return select(Entries.GetAt(i));
        }
    }

    public override Value? Attribute(RenderState state, string name) =>
        StringValue.IsDunder(name) && Find(name) is null ? Unsafe(name) : DictMethods.Find(this, name);

    public override Value? Item(RenderState state, Value key) => key is ListValue or DictValue ? null : Find(key);
}

/// <summary>What <c>dict.keys()</c>, <c>.values()</c> and <c>.items()</c> return.</summary>
internal sealed class DictViewValue(string typeName, DictValue dict, Func<KeyValuePair<Value, Value>, Value> select) : Value
{
    public override string TypeName => typeName;

    public override bool IsTrue => dict.Entries.Count > 0;

    public override int? Length => dict.Entries.Count;

    public override IEnumerator<Value> Iterate(RenderState state) => dict.Guard(dict.Entries.Count, select);
}

/// <summary>Python's <c>range</c>, of at most <see cref="MaxLength"/> numbers.</summary>
internal sealed class RangeValue(long start, long stop, long step, int length) : Value
{
    /// <summary>The sandbox's limit.</summary>
    public const int MaxLength = 100_000;

    public override string TypeName => "range";

    public override bool IsTrue => length > 0;

    public override int? Length => length;

    public long Start => start;

    public long Stop => stop;

    public long Step => step;

    public Value At(int index) => IntValue.Of(start + index * step);

    public override IEnumerator<Value> Iterate(RenderState state)
    {
        for (int i = 0; i < length; i++)
        {
            yield return At(i);
        }
    }

    public override Value? Attribute(RenderState state, string name) => name switch
    {
        "start" => IntValue.Of(start),
        "stop" => IntValue.Of(stop),
        "step" => IntValue.Of(step),
        _ => null,
    };

    public override Value? Item(RenderState state, Value key)
    {
        if (!Numeric.TryGetIndex(key, out int index))
        {
            return null;
        }

        index = index < 0 ? index + length : index;
        return index >= 0 && index < length ? At(index) : null;
    }
}

/// <summary>A generator or iterator: true, without a length, and gone after one pass.</summary>
internal sealed class IteratorValue(string typeName, IEnumerator<Value> items) : Value
{
    public override string TypeName => typeName;

    // Generators over generators are a recursion when they are read.
    public override IEnumerator<Value> Iterate(RenderState state)
    {
        while (true)
        {
            state.Budget.Enter();
            bool hasNext = items.MoveNext();
            state.Budget.Leave();
            if (!hasNext)
            {
                yield break;
            }

            yield return items.Current;
        }
    }
}

/// <summary>Jinja's <c>namespace</c>: the one object whose attributes a template may set.</summary>
internal sealed class NamespaceValue : Value
{
    public override string TypeName => "Namespace";

    public override string Description => "jinja2.utils.Namespace object";

    public Dictionary<string, Value> Attributes { get; } = [];

    public override Value? Attribute(RenderState state, string name) => Attributes.GetValueOrDefault(name);
}
