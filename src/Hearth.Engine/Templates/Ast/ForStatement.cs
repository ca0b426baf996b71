using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Ast;

/// <summary>A loop, with its filter, its <c>else</c> and its recursive form.</summary>
internal sealed class ForStatement(
    Target target, Expression iterable, Expression? filter, bool isRecursive, Block body, Block? otherwise, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        Run(state, scope, iterable.Evaluate(state, scope), output, depth: 0);
        return Completion.Normal;
    }

    private void Run(RenderState state, Scope scope, Value items, TextBuilder output, int depth)
    {
        IEnumerator<Value> iterator = Access.Iterate(state, items);
        int? length = filter is null ? items.Length : null;
        Func<Value, StringValue>? recurse = isRecursive ? inner => Recurse(state, scope, inner, depth) : null;
        using var loop = new LoopValue(filter is null ? iterator : Filtered(state, scope, iterator), length, depth, recurse);
        bool isElse = true;
        while (loop.MoveNext())
        {
            state.Budget.Charge();
            var inner = new Scope(scope);
            inner.Set("loop", loop);
            target.Assign(state, inner, loop.Current);
            Completion completion = body.Execute(state, inner, output);
            if (completion == Completion.Break)
            {
                break;
            }

            // As in Jinja, an iteration that was left by 'continue' does not count for 'else'.
            isElse &= completion == Completion.Continue;
        }

        if (isElse && otherwise is not null)
        {
            otherwise.Execute(state, new Scope(scope), output);
        }
    }

    private StringValue Recurse(RenderState state, Scope scope, Value items, int depth)
    {
        var output = new TextBuilder(state.Budget);
        state.Budget.Enter();
        Run(state, scope, items, output, depth + 1);
        state.Budget.Leave();
        return output.ToValue();
    }

    // Lazy, as in Jinja: what the body changes is seen by the filter of later items.
    private IEnumerator<Value> Filtered(RenderState state, Scope scope, IEnumerator<Value> items)
    {
        while (items.MoveNext())
        {
            var inner = new Scope(scope);
            target.Assign(state, inner, items.Current);
            if (filter!.Evaluate(state, inner).IsTrue)
            {
                yield return items.Current;
            }
        }
    }
}
