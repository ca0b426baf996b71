using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>A value that can be called.</summary>
internal abstract class CallableValue : Value
{
    public abstract Value Call(RenderState state, Arguments arguments);
}

/// <summary>A built-in function, or a method bound to its object.</summary>
internal sealed class FunctionValue(
    string name, Func<RenderState, Arguments, Value> function, string typeName = "builtin_function_or_method") : CallableValue
{
    public string Name => name;

    public override string TypeName => typeName;

    public override Value Call(RenderState state, Arguments arguments) => function(state, arguments);
}

/// <summary>Jinja's <c>cycler</c>.</summary>
internal sealed class CyclerValue(IReadOnlyList<Value> items) : Value
{
    private int _position;

    public override string TypeName => "Cycler";

    public override string Description => "jinja2.utils.Cycler object";

    public override Value? Attribute(RenderState state, string name) => name switch
    {
        "current" => items[_position],
        "next" => new FunctionValue(name, (_, _) => Next(), "method"),
        "reset" => new FunctionValue(name, (_, _) => Reset(), "method"),
        _ => null,
    };

    private Value Next()
    {
        Value current = items[_position];
        _position = (_position + 1) % items.Count;
        return current;
    }

    private NoneValue Reset()
    {
        _position = 0;
        return NoneValue.Instance;
    }
}

/// <summary>Jinja's <c>joiner</c>: nothing at the first call, the separator at each later one.</summary>
internal sealed class JoinerValue(Value separator) : CallableValue
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override Value Call(RenderState state, Arguments arguments)
    {
        Value result = _used ? separator : StringValue.Empty;
        _used = true;
        return result;
    }
}
