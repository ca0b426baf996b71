using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>Jinja's <c>loop</c>. It reads one item ahead only when it is asked for what comes.</summary>
internal sealed class LoopValue(IEnumerator<Value> items, int? length, int depth, Func<Value, StringValue>? recurse)
    : CallableValue, IDisposable
{
    private IEnumerator<Value> _items = items;
    private int? _length = length;
    private Value? _before;
    private Value? _current;
    private Value? _after;
    private bool _isAtEnd;
    private IReadOnlyList<Value>? _lastChanged;

    public int Index0 { get; private set; } = -1;

    public Value Current => _current!;

    public override string TypeName => "LoopContext";

    public override string Description => "jinja2.runtime.LoopContext object";

    public override int? Length => CountAll();

    public bool MoveNext()
    {
        Value? next = Peek();
        if (next is null)
        {
            return false;
        }

        _before = _current;
        _current = next;
        _after = null;
        Index0++;
        return true;
    }

    public override Value? Attribute(RenderState state, string name) => name switch
    {
        "index" => IntValue.Of(Index0 + 1),
        "index0" => IntValue.Of(Index0),
        "revindex" => IntValue.Of(CountAll() - Index0),
        "revindex0" => IntValue.Of(CountAll() - Index0 - 1),
        "first" => BoolValue.Of(Index0 == 0),
        "last" => BoolValue.Of(Peek() is null),
        "length" => IntValue.Of(CountAll()),
        "previtem" => Index0 == 0 ? new UndefinedValue("there is no previous item") : _before,
        "nextitem" => Peek() ?? new UndefinedValue("there is no next item"),
        "depth" => IntValue.Of(depth + 1),
        "depth0" => IntValue.Of(depth),
        "cycle" => new FunctionValue(name, (_, arguments) => Cycle(arguments), "method"),
        "changed" => new FunctionValue(name, (s, arguments) => Changed(s, arguments), "method"),
        _ => null,
    };

    public override Value Call(RenderState state, Arguments arguments)
    {
        Value inner = arguments.Bind("loop", 1, "iterable")[0]!;
        return recurse is null
            ? throw TemplateException.Type("The loop must have the 'recursive' marker to be called recursively.")
            : recurse(inner);
    }

    /// <summary>The number of items; an iterator is read to its end for it.</summary>
    public int CountAll()
    {
        if (_length is { } known)
        {
            return known;
        }

        var rest = new List<Value>();
        while (Peek() is { } item)
        {
            rest.Add(item);
            _after = null;
        }

        _items = rest.GetEnumerator();
        _isAtEnd = false;
        _length = rest.Count + Index0 + 1;
        return _length.Value;
    }

    public void Dispose() => _items.Dispose();

    private Value? Peek()
    {
        if (_after is null && !_isAtEnd)
        {
            _isAtEnd = !_items.MoveNext();
            _after = _isAtEnd ? null : _items.Current;
        }

        return _after;
    }

    private Value Cycle(Arguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[Index0 % arguments.Positional.Count]
        : throw TemplateException.Type("no items for cycling given");

    private BoolValue Changed(RenderState state, Arguments arguments)
    {
        if (_lastChanged is { } last
            && Comparison.AreEqual(state, new TupleValue([.. last]), new TupleValue([.. arguments.Positional])))
        {
            return BoolValue.False;
        }

        _lastChanged = arguments.Positional;
        return BoolValue.True;
    }
}
