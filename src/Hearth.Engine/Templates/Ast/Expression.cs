using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Ast;

/// <summary>An expression; immutable.</summary>
internal abstract class Expression(int line)
{
    /// <summary>The line of the template where it begins.</summary>
    public int Line { get; } = line;

    /// <summary>The value of the expression, within the rendering's limits.</summary>
    public Value Evaluate(RenderState state, Scope scope)
    {
        state.Budget.Charge();
        state.Budget.Enter();
        state.Line = Line;
        Value value = Compute(state, scope);
        state.Budget.Leave();
        return value;
    }

    protected abstract Value Compute(RenderState state, Scope scope);
}
