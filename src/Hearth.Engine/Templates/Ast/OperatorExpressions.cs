using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Ast;

/// <summary>Arithmetic.</summary>
internal sealed class BinaryExpression(string operation, Expression left, Expression right, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value a = left.Evaluate(state, scope);
        Value b = right.Evaluate(state, scope);
        state.Line = Line;
        return Operators.Binary(state, operation, a, b);
    }
}

/// <summary><c>+value</c>, <c>-value</c> or <c>not value</c>.</summary>
internal sealed class UnaryExpression(string operation, Expression operand, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value value = operand.Evaluate(state, scope);
        state.Line = Line;
        return operation switch
        {
            "not" => BoolValue.Of(!value.IsTrue),
            "-" => Operators.Negate(state, value),
            _ => Operators.Plus(state, value),
        };
    }
}

/// <summary><c>and</c>, <c>or</c>: the operand that decides, as in Python.</summary>
internal sealed class LogicalExpression(bool isAnd, Expression left, Expression right, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value value = left.Evaluate(state, scope);
        return value.IsTrue == isAnd ? right.Evaluate(state, scope) : value;
    }
}

/// <summary><c>a ~ b ~ c</c>.</summary>
internal sealed class ConcatenationExpression(Expression[] parts, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        var builder = new TextBuilder(state.Budget);
        foreach (Expression part in parts)
        {
            builder.Append(Representation.Str(state, part.Evaluate(state, scope)));
        }

        return builder.ToValue();
    }
}

/// <summary>A chain of comparisons; each operand is evaluated once, and the chain ends at the first that does not hold.</summary>
internal sealed class ComparisonExpression(Expression first, (string Operation, Expression Operand)[] rest, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value left = first.Evaluate(state, scope);
        foreach ((string operation, Expression operand) in rest)
        {
            Value right = operand.Evaluate(state, scope);
            state.Line = Line;
            bool holds = operation switch
            {
                "==" => Comparison.AreEqual(state, left, right),
                "!=" => !Comparison.AreEqual(state, left, right),
                "in" => Comparison.Contains(state, right, left),
                "not in" => !Comparison.Contains(state, right, left),
                _ => Comparison.IsOrdered(state, left, right, operation),
            };
            if (!holds)
            {
                return BoolValue.False;
            }

            left = right;
        }

        return BoolValue.True;
    }
}

/// <summary><c>value if condition else other</c>.</summary>
internal sealed class ConditionalExpression(Expression condition, Expression value, Expression? other, int line) : Expression(line)
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        if (condition.Evaluate(state, scope).IsTrue)
        {
            return value.Evaluate(state, scope);
        }

        return other?.Evaluate(state, scope)
            ?? new UndefinedValue($"the inline if-expression on line {Line} evaluated to false and no else section was defined.");
    }
}
