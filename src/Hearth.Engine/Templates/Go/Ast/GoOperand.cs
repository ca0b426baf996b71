using Hearth.Engine.Templates.Go.Functions;
using Hearth.Engine.Templates.Go.Runtime;
using Hearth.Engine.Templates.Go.Values;

namespace Hearth.Engine.Templates.Go.Ast;

/// <summary>A part of a command that has a value; immutable.</summary>
internal abstract class GoOperand(string text, int position)
{
    /// <summary>How it is written.</summary>
    public string Text { get; } = text;

    /// <summary>Where it begins in the template.</summary>
    public int Position { get; } = position;

    /// <summary>Whether it can stand after the first <c>|</c> of a pipeline.</summary>
    public virtual bool IsExecutable => true;

    public abstract GoValue Evaluate(GoState state, GoValue dot);
}

/// <summary>A text, a number, a character, <c>true</c> or <c>false</c>.</summary>
internal sealed class GoLiteral(GoValue value, string text, int position) : GoOperand(text, position)
{
    public override bool IsExecutable => false;

    public override GoValue Evaluate(GoState state, GoValue dot) => value;
}

/// <summary><c>nil</c>.</summary>
internal sealed class GoNilLiteral(int position) : GoOperand("nil", position)
{
    public override bool IsExecutable => false;

    public override GoValue Evaluate(GoState state, GoValue dot) => GoNil.Nothing;
}

/// <summary><c>.</c>.</summary>
internal sealed class GoDot(int position) : GoOperand(".", position)
{
    public override bool IsExecutable => false;

    public override GoValue Evaluate(GoState state, GoValue dot) => dot;
}

/// <summary><c>.Name.Name</c>.</summary>
internal sealed class GoFieldOperand(IReadOnlyList<string> names, string text, int position) : GoOperand(text, position)
{
    public IReadOnlyList<string> Names { get; } = names;

    public override GoValue Evaluate(GoState state, GoValue dot)
    {
        state.Position = Position;
        return GoAccess.Fields(state, dot, Names);
    }
}

/// <summary><c>$name.Name</c>.</summary>
internal sealed class GoVariable(string name, IReadOnlyList<string> names, string text, int position) : GoOperand(text, position)
{
    public string Name { get; } = name;

    /// <summary>The fields after the variable.</summary>
    public IReadOnlyList<string> Names { get; } = names;

    public override GoValue Evaluate(GoState state, GoValue dot)
    {
        state.Position = Position;
        return GoAccess.Fields(state, state.Find(Name), Names);
    }
}

/// <summary><c>(pipeline).Name</c>.</summary>
internal sealed class GoChain(GoOperand operand, IReadOnlyList<string> names, string text, int position) : GoOperand(text, position)
{
    public GoOperand Operand { get; } = operand;

    public override GoValue Evaluate(GoState state, GoValue dot) => GoAccess.Fields(state, Operand.Evaluate(state, dot), names);
}

/// <summary>The name of a function.</summary>
internal sealed class GoFunctionCall(string name, int position) : GoOperand(name, position)
{
    public override GoValue Evaluate(GoState state, GoValue dot) => Call(state, dot, [this], last: null);

    public GoValue Call(GoState state, GoValue dot, IReadOnlyList<GoOperand> operands, GoValue? last)
    {
        state.Budget.Enter();
        GoValue result = Text is "and" or "or"
            ? Logic(state, dot, operands, last)
            : GoFunctions.Call(state, Text, Arguments(state, dot, operands, last));
        state.Budget.Leave();
        return result;
    }

    private static GoValue[] Arguments(GoState state, GoValue dot, IReadOnlyList<GoOperand> operands, GoValue? last)
    {
        IEnumerable<GoValue> values = operands.Skip(1).Select(operand => operand.Evaluate(state, dot));
        return last is null ? [.. values] : [.. values, last];
    }

    private GoValue Logic(GoState state, GoValue dot, IReadOnlyList<GoOperand> operands, GoValue? last)
    {
        GoValue? value = null;
        foreach (GoOperand operand in operands.Skip(1))
        {
            value = operand.Evaluate(state, dot);
            if (value.IsTrue == (Text == "or"))
            {
                return value;
            }
        }

        return last ?? value ?? throw TemplateException.Type($"wrong number of args for {Text}: want at least 1 got 0");
    }
}
