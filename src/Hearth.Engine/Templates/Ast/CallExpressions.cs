using Hearth.Engine.Templates.Builtins;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Ast;

/// <summary>The arguments of a call, filter or test as written.</summary>
internal sealed record ArgumentList(
    Expression[] Positional, KeyValuePair<string, Expression>[] Named, Expression? MorePositional, Expression? MoreNamed)
{
    public static readonly ArgumentList None = new([], [], null, null);

    public Arguments Evaluate(RenderState state, Scope scope, Value? caller = null)
    {
        if (ReferenceEquals(this, None) && caller is null)
        {
            return Arguments.None;
        }

        var positional = new List<Value>(Positional.Length);
        foreach (Expression argument in Positional)
        {
            positional.Add(argument.Evaluate(state, scope));
        }

        if (MorePositional is not null)
        {
            positional.AddRange(Access.ToList(state, MorePositional.Evaluate(state, scope)));
        }

        var named = new List<KeyValuePair<string, Value>>(Named.Length);
        foreach ((string name, Expression argument) in Named)
        {
            named.Add(KeyValuePair.Create(name, argument.Evaluate(state, scope)));
        }

        if (MoreNamed is not null)
        {
            named.AddRange(Spread(MoreNamed.Evaluate(state, scope)));
        }

        if (caller is not null)
        {
            named.Add(KeyValuePair.Create("caller", caller));
        }

        return new Arguments(positional, named);
    }

    private static IEnumerable<KeyValuePair<string, Value>> Spread(Value value)
    {
        if (value is not DictValue dict)
        {
            throw TemplateException.Type($"argument after ** must be a mapping, not {value.TypeName}");
        }

        return dict.Entries.Select(pair => pair.Key is StringValue name
            ? KeyValuePair.Create(name.Text, pair.Value)
            : throw TemplateException.Type("keywords must be strings"));
    }
}

/// <summary><c>target(arguments)</c>.</summary>
internal sealed class CallExpression(Expression target, ArgumentList arguments, int line) : Expression(line)
{
    /// <summary>The call with the body of a <c>call</c> block.</summary>
    public Value Call(RenderState state, Scope scope, Value? caller)
    {
        Value function = target.Evaluate(state, scope);
        Arguments values = arguments.Evaluate(state, scope, caller);
        state.Line = Line;
        return function switch
        {
            CallableValue callable => callable.Call(state, values),
            UndefinedValue undefined => throw undefined.Error(state),
            _ => throw TemplateException.Type($"'{function.TypeName}' object is not callable"),
        };
    }

    protected override Value Compute(RenderState state, Scope scope) => Call(state, scope, caller: null);
}

/// <summary><c>operand | name(arguments)</c>; without an operand, the last step of a filter block.</summary>
internal sealed class FilterExpression(Expression? operand, string name, ArgumentList arguments, int line) : Expression(line)
{
    /// <summary>Applies the chain of filters to a text.</summary>
    public Value Apply(RenderState state, Scope scope, Value body)
    {
        Value value = operand is FilterExpression inner ? inner.Apply(state, scope, body) : body;
        return Filters.Apply(state, name, value, arguments.Evaluate(state, scope));
    }

    protected override Value Compute(RenderState state, Scope scope)
    {
        Value value = operand!.Evaluate(state, scope);
        Arguments values = arguments.Evaluate(state, scope);
        state.Line = Line;
        return Filters.Apply(state, name, value, values);
    }
}

/// <summary><c>operand is name(arguments)</c>.</summary>
internal sealed class TestExpression(Expression operand, string name, ArgumentList arguments, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value value = operand.Evaluate(state, scope);
        Arguments values = arguments.Evaluate(state, scope);
        state.Line = Line;
        return BoolValue.Of(Tests.Apply(state, name, value, values));
    }
}
