using Hearth.Engine.Templates.Ast;
using Hearth.Engine.Templates.Go.Runtime;
using Hearth.Engine.Templates.Go.Values;

namespace Hearth.Engine.Templates.Go.Ast;

/// <summary>A statement; immutable.</summary>
internal abstract class GoNode(int position)
{
    /// <summary>Where it begins in the template.</summary>
    public int Position { get; } = position;

    public abstract Completion Execute(GoState state, GoValue dot);
}

/// <summary>Statements in turn.</summary>
internal sealed class GoBlock(IReadOnlyList<GoNode> nodes)
{
    public IReadOnlyList<GoNode> Nodes { get; } = nodes;

    public Completion Execute(GoState state, GoValue dot)
    {
        state.Budget.Enter();
        Completion completion = Completion.Normal;
        foreach (GoNode node in Nodes)
        {
            state.Budget.Charge();
            state.Position = node.Position;
            completion = node.Execute(state, dot);
            if (completion != Completion.Normal)
            {
                break;
            }
        }

        state.Budget.Leave();
        return completion;
    }
}

/// <summary>Text between the actions.</summary>
internal sealed class GoTextNode(string text, int position) : GoNode(position)
{
    public string Text { get; } = text;

    public override Completion Execute(GoState state, GoValue dot)
    {
        state.Output.Append(Text, isTrusted: true);
        return Completion.Normal;
    }
}

/// <summary><c>{{ pipeline }}</c>; its value is written unless it declares or assigns a variable.</summary>
internal sealed class GoActionNode(GoPipeline pipeline, int position) : GoNode(position)
{
    public GoPipeline Pipeline { get; } = pipeline;

    public override Completion Execute(GoState state, GoValue dot)
    {
        GoValue value = Pipeline.Evaluate(state, dot);
        if (Pipeline.Variables.Count == 0)
        {
            _ = value is GoNil
                ? state.Output.Append("<no value>", isTrusted: true)
                : state.Output.Append(GoPrinter.Print(state.Budget, value));
        }

        return Completion.Normal;
    }
}

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed class GoJumpNode(Completion completion, int position) : GoNode(position)
{
    public override Completion Execute(GoState state, GoValue dot) => completion;
}

/// <summary><c>{{ template "name" pipeline }}</c>, and what a <c>block</c> does where it stands.</summary>
internal sealed class GoTemplateNode(string name, GoPipeline? pipeline, int position) : GoNode(position)
{
    public GoPipeline? Pipeline { get; } = pipeline;

    public override Completion Execute(GoState state, GoValue dot)
    {
        state.Execute(name, Pipeline?.Evaluate(state, dot) ?? GoNil.Nothing);
        return Completion.Normal;
    }
}
