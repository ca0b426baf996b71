using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Ast;

/// <summary>What an assignment writes to.</summary>
internal abstract class Target
{
    public abstract void Assign(RenderState state, Scope scope, Value value);
}

/// <summary>A variable.</summary>
internal sealed class NameTarget(string name) : Target
{
    public override void Assign(RenderState state, Scope scope, Value value) => scope.Set(name, value);
}

/// <summary>Several targets that share out the items of a value.</summary>
internal sealed class TupleTarget(Target[] targets) : Target
{
    public override void Assign(RenderState state, Scope scope, Value value)
    {
        List<Value> values = Access.Unpack(state, value, targets.Length);
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i].Assign(state, scope, values[i]);
        }
    }
}

/// <summary>An attribute of a namespace.</summary>
internal sealed class NamespaceTarget(string name, string attribute) : Target
{
    public override void Assign(RenderState state, Scope scope, Value value)
    {
        switch (scope.Find(name))
        {
            case NamespaceValue space:
                space.Attributes[attribute] = value;
                break;
            case null:
                throw UndefinedValue.Variable(name).Error(state);
            default:
                throw TemplateException.Type("cannot assign attribute on non-namespace object");
        }
    }
}

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed class SetStatement(Target target, Expression value, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        target.Assign(state, scope, value.Evaluate(state, scope));
        return Completion.Normal;
    }
}

/// <summary><c>{% set target | filter %}...{% endset %}</c>.</summary>
internal sealed class SetBlockStatement(Target target, FilterExpression? filter, Block body, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        var inner = new Scope(scope);
        var written = new TextBuilder(state.Budget);
        Completion completion = body.Execute(state, inner, written);
        if (completion == Completion.Normal)
        {
            Value text = written.ToValue();
            target.Assign(state, scope, filter is null ? text : filter.Apply(state, inner, text));
        }

        return completion;
    }
}
