using Hearth.Engine.Templates.Ast;
using Hearth.Engine.Templates.Go.Runtime;
using Hearth.Engine.Templates.Go.Values;

namespace Hearth.Engine.Templates.Go.Ast;

/// <summary>A statement with a body that runs or not, by the value of its pipeline.</summary>
internal abstract class GoBranchNode(GoPipeline pipeline, GoBlock body, GoBlock? otherwise, int position) : GoNode(position)
{
    public GoPipeline Pipeline { get; } = pipeline;

    public GoBlock Body { get; } = body;

    public GoBlock? Otherwise { get; } = otherwise;

    public sealed override Completion Execute(GoState state, GoValue dot)
    {
        int mark = state.Mark();
        Completion completion = Run(state, dot, Pipeline.Evaluate(state, dot));
        state.Pop(mark);
        return completion;
    }

    /// <summary>The same statement with other bodies.</summary>
    public abstract GoBranchNode With(GoBlock body, GoBlock? otherwise);

    protected abstract Completion Run(GoState state, GoValue dot, GoValue value);

    protected Completion RunOtherwise(GoState state, GoValue dot) => Otherwise?.Execute(state, dot) ?? Completion.Normal;
}

/// <summary><c>if</c>.</summary>
internal sealed class GoIfNode(GoPipeline pipeline, GoBlock body, GoBlock? otherwise, int position)
    : GoBranchNode(pipeline, body, otherwise, position)
{
    public override GoBranchNode With(GoBlock body, GoBlock? otherwise) => new GoIfNode(Pipeline, body, otherwise, Position);

    protected override Completion Run(GoState state, GoValue dot, GoValue value) =>
        value.IsTrue ? Body.Execute(state, dot) : RunOtherwise(state, dot);
}

/// <summary><c>with</c>: its value is the dot of its body.</summary>
internal sealed class GoWithNode(GoPipeline pipeline, GoBlock body, GoBlock? otherwise, int position)
    : GoBranchNode(pipeline, body, otherwise, position)
{
    public override GoBranchNode With(GoBlock body, GoBlock? otherwise) => new GoWithNode(Pipeline, body, otherwise, Position);

    protected override Completion Run(GoState state, GoValue dot, GoValue value) =>
        value.IsTrue ? Body.Execute(state, value) : RunOtherwise(state, dot);
}

/// <summary><c>range</c>: over a list, a map or a number; each item is the dot of its body.</summary>
internal sealed class GoRangeNode(GoPipeline pipeline, GoBlock body, GoBlock? otherwise, int position)
    : GoBranchNode(pipeline, body, otherwise, position)
{
    public override GoBranchNode With(GoBlock body, GoBlock? otherwise) => new GoRangeNode(Pipeline, body, otherwise, Position);

    protected override Completion Run(GoState state, GoValue dot, GoValue value)
    {
        bool isEmpty = true;
        int mark = state.Mark();
        foreach ((GoValue index, GoValue item) in Items(value))
        {
            isEmpty = false;
            state.Budget.Charge();
            SetVariables(state, mark, index, item);
            Completion completion = Body.Execute(state, item);
            state.Pop(mark);
            if (completion == Completion.Break)
            {
                break;
            }
        }

        return isEmpty ? RunOtherwise(state, dot) : Completion.Normal;
    }

    private static IEnumerable<(GoValue Index, GoValue Item)> Items(GoValue value) => value switch
    {
        GoNil => [],
        GoList list => list.Items.Select((item, i) => ((GoValue)new GoInt(i), item)),
        GoMap map => map.Entries.Select(entry => ((GoValue)GoString.FromInput(entry.Key), entry.Value)),
        GoInt count => Count(count.Number),
        _ => throw TemplateException.Type($"range can't iterate over a {value.TypeName}"),
    };

    private static IEnumerable<(GoValue Index, GoValue Item)> Count(long count)
    {
        for (long i = 0; i < count; i++)
        {
            var number = new GoInt(i);
            yield return (number, number);
        }
    }

    // With two variables the first is the index; with one it is the item.
    private void SetVariables(GoState state, int mark, GoValue index, GoValue item)
    {
        int count = Pipeline.Variables.Count;
        for (int i = 0; i < count; i++)
        {
            GoValue value = i == 0 && count > 1 ? index : item;
            if (Pipeline.IsAssignment)
            {
                state.Assign(Pipeline.Variables[i], value);
            }
            else
            {
                state.Replace(mark - count + i, value);
            }
        }
    }
}
