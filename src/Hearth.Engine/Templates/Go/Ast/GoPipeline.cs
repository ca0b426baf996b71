using Hearth.Engine.Templates.Go.Runtime;
using Hearth.Engine.Templates.Go.Values;

namespace Hearth.Engine.Templates.Go.Ast;

/// <summary>Commands, each of which gets the value of the one before as its last argument; the value may go to variables.</summary>
internal sealed class GoPipeline(
    IReadOnlyList<string> variables, bool isAssignment, IReadOnlyList<GoCommand> commands, string text, int position) : GoOperand(text, position)
{
    /// <summary>The variables that it sets; <c>range</c> may have two.</summary>
    public IReadOnlyList<string> Variables { get; } = variables;

    /// <summary>Whether it changes variables that there are, instead of declaring them.</summary>
    public bool IsAssignment { get; } = isAssignment;

    public IReadOnlyList<GoCommand> Commands { get; } = commands;

    public override GoValue Evaluate(GoState state, GoValue dot)
    {
        state.Budget.Enter();
        GoValue? value = null;
        foreach (GoCommand command in Commands)
        {
            value = command.Evaluate(state, dot, value);
            value = value == GoNil.Interface ? GoNil.Nothing : value;
        }

        foreach (string variable in Variables)
        {
            if (IsAssignment)
            {
                state.Assign(variable, value!);
            }
            else
            {
                state.Push(variable, value!);
            }
        }

        state.Budget.Leave();
        return value!;
    }

    /// <summary>The same pipeline with other commands.</summary>
    public GoPipeline With(IReadOnlyList<GoCommand> commands) => new(Variables, IsAssignment, commands, Text, Position);
}

/// <summary>An operand, or a function and its arguments.</summary>
internal sealed class GoCommand(IReadOnlyList<GoOperand> operands)
{
    public IReadOnlyList<GoOperand> Operands { get; } = operands;

    /// <summary>The command's value.</summary>
    /// <param name="state">The rendering.</param>
    /// <param name="dot">The value that <c>.</c> stands for.</param>
    /// <param name="last">The value of the command before in the pipeline, or null.</param>
    public GoValue Evaluate(GoState state, GoValue dot, GoValue? last)
    {
        state.Budget.Charge();
        GoOperand first = Operands[0];
        state.Position = first.Position;
        if (first is GoFunctionCall function)
        {
            return function.Call(state, dot, Operands, last);
        }

        if (first is GoNilLiteral)
        {
            throw TemplateException.Type("nil is not a command");
        }

        return Operands.Count == 1 && last is null
            ? first.Evaluate(state, dot)
            : throw TemplateException.Type($"can't give argument to non-function {first.Text}");
    }
}
