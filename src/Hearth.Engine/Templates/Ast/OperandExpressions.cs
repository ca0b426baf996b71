using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Ast;

/// <summary>A literal.</summary>
internal sealed class ConstantExpression(Value value, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope) => value;
}

/// <summary>A variable.</summary>
internal sealed class NameExpression(string name, int line) : Expression(line)
{
    public string Name => name;

    protected override Value Compute(RenderState state, Scope scope) => scope.Find(name) ?? UndefinedValue.Variable(name);
}

/// <summary>A list or tuple in brackets or parentheses.</summary>
internal sealed class SequenceExpression(Expression[] items, bool isTuple, int line) : Expression(line)
{
    public Expression[] Items => items;

    public bool IsTuple => isTuple;

    protected override Value Compute(RenderState state, Scope scope)
    {
        var values = new Value[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            values[i] = items[i].Evaluate(state, scope);
        }

        return isTuple ? new TupleValue(values) : new ListValue([.. values]);
    }
}

/// <summary>A dict in braces.</summary>
internal sealed class DictExpression(KeyValuePair<Expression, Expression>[] entries, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        var dict = new DictValue(state);
        foreach ((Expression key, Expression value) in entries)
        {
            dict.Set(state, key.Evaluate(state, scope), value.Evaluate(state, scope));
        }

        return dict;
    }
}

/// <summary><c>target.name</c>.</summary>
internal sealed class AttributeExpression(Expression target, string name, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value value = target.Evaluate(state, scope);
        state.Line = Line;
        return Access.Attribute(state, value, name);
    }
}

/// <summary><c>target[key]</c>.</summary>
internal sealed class ItemExpression(Expression target, Expression key, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value value = target.Evaluate(state, scope);
        Value index = key.Evaluate(state, scope);
        state.Line = Line;
        return Access.Item(state, value, index);
    }
}

/// <summary><c>target[start:stop:step]</c>.</summary>
internal sealed class SliceExpression(Expression target, Expression? start, Expression? stop, Expression? step, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value value = target.Evaluate(state, scope);
        Value? from = start?.Evaluate(state, scope);
        Value? to = stop?.Evaluate(state, scope);
        Value? stride = step?.Evaluate(state, scope);
        state.Line = Line;
        return Access.Slice(state, value, from, to, stride);
    }
}
