using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Ast;

/// <summary>How a statement ended.</summary>
internal enum Completion
{
    Normal,
    Break,
    Continue,
}

/// <summary>A statement; immutable.</summary>
internal abstract class Statement(int line)
{
    /// <summary>The line of the template where it begins.</summary>
    public int Line { get; } = line;

    public abstract Completion Execute(RenderState state, Scope scope, TextBuilder output);

    /// <summary>The result of a block, which Jinja writes only when it is a text.</summary>
    protected static StringValue RequireText(Value value) => value as StringValue
        ?? throw TemplateException.Type($"sequence item 0: expected str instance, {value.TypeName} found");
}

/// <summary>Statements in turn.</summary>
internal sealed class Block(Statement[] statements)
{
    public Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        state.Budget.Enter();
        Completion completion = Completion.Normal;
        foreach (Statement statement in statements)
        {
            state.Budget.Charge();
            state.Line = statement.Line;
            completion = statement.Execute(state, scope, output);
            if (completion != Completion.Normal)
            {
                break;
            }
        }

        state.Budget.Leave();
        return completion;
    }

    /// <summary>The text that the statements write.</summary>
    public StringValue Render(RenderState state, Scope scope)
    {
        var output = new TextBuilder(state.Budget);
        Execute(state, scope, output);
        return output.ToValue();
    }
}

/// <summary>Text between the tags.</summary>
internal sealed class TextStatement(string text, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        output.Append(text, isTrusted: true);
        return Completion.Normal;
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class OutputStatement(Expression value, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        output.Append(Representation.Str(state, value.Evaluate(state, scope)));
        return Completion.Normal;
    }
}

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed class JumpStatement(Completion completion, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output) => completion;
}

/// <summary><c>if</c>, with its <c>elif</c>s and <c>else</c>; what is set inside stays.</summary>
internal sealed class IfStatement((Expression Condition, Block Body)[] branches, Block? otherwise, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        foreach ((Expression condition, Block body) in branches)
        {
            if (condition.Evaluate(state, scope).IsTrue)
            {
                return body.Execute(state, scope, output);
            }
        }

        return otherwise?.Execute(state, scope, output) ?? Completion.Normal;
    }
}

/// <summary>A body with variables of its own: <c>with</c>, <c>generation</c>, <c>block</c>.</summary>
internal sealed class ScopeStatement(
    KeyValuePair<Target, Expression>[] variables, Block body, bool isolated, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        var inner = new Scope(isolated ? scope.Root : scope);
        foreach ((Target target, Expression value) in variables)
        {
            target.Assign(state, inner, value.Evaluate(state, scope));
        }

        return body.Execute(state, inner, output);
    }
}

/// <summary><c>{% filter name %}...{% endfilter %}</c>.</summary>
internal sealed class FilterStatement(FilterExpression filter, Block body, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        var inner = new Scope(scope);
        var written = new TextBuilder(state.Budget);
        Completion completion = body.Execute(state, inner, written);
        if (completion == Completion.Normal)
        {
            output.Append(RequireText(filter.Apply(state, inner, written.ToValue())));
        }

        return completion;
    }
}
