using System.Text;

namespace Hearth.Engine.Grammar.Automata;

/// <summary>A part of a rule's body: it connects two states of an automaton.</summary>
internal abstract class Expression
{
    /// <summary>The empty text.</summary>
    public static Expression Empty { get; } = new SequenceExpression([]);

    /// <summary>No text at all.</summary>
    public static Expression Nothing { get; } = new ChoiceExpression([]);

    /// <summary>Adds the transitions that lead from one state to the other; nothing of the expression leads into the first or out of the
    /// second.</summary>
    public abstract void Emit(AutomatonBuilder builder, int from, int to);

    /// <summary>About how many states it takes.</summary>
    public abstract long Size { get; }

    public static Expression Sequence(params ReadOnlySpan<Expression> parts) => parts.Length == 1 ? parts[0] : new SequenceExpression(parts.ToArray());

    public static Expression Choice(params ReadOnlySpan<Expression> parts) => parts.Length == 1 ? parts[0] : new ChoiceExpression(parts.ToArray());

    public static Expression Optional(Expression part) => Choice(Empty, part);

    /// <summary>A repetition.</summary>
    /// <param name="part">What is repeated.</param>
    /// <param name="least">How often at least.</param>
    /// <param name="most">How often at most; null for any number.</param>
    public static Expression Repeat(Expression part, int least, int? most) => new RepeatExpression(part, least, most);

    public static Expression Bytes(byte low, byte high) => new BytesExpression(low, high);

    public static Expression Literal(string text) => new LiteralExpression(Encoding.UTF8.GetBytes(text));

    public static Expression Call(int rule) => new CallExpression(rule);

    private static long SumOfSizes(Expression[] parts)
    {
        long sum = 0;
        foreach (Expression part in parts)
        {
            sum = Math.Min(int.MaxValue, sum + part.Size);
        }

        return sum;
    }

    private sealed class SequenceExpression(Expression[] parts) : Expression
    {
        public override long Size { get; } = SumOfSizes(parts);

        public override void Emit(AutomatonBuilder builder, int from, int to)
        {
            if (parts.Length == 0)
            {
                builder.AddEmpty(from, to);
                return;
            }

            for (int i = 0; i < parts.Length; i++)
            {
                int next = i == parts.Length - 1 ? to : builder.AddState();
                parts[i].Emit(builder, from, next);
                from = next;
            }
        }
    }

    private sealed class ChoiceExpression(Expression[] parts) : Expression
    {
        public override long Size { get; } = SumOfSizes(parts);

        public override void Emit(AutomatonBuilder builder, int from, int to)
        {
            foreach (Expression part in parts)
            {
                part.Emit(builder, from, to);
            }
        }
    }

    private sealed class BytesExpression(byte low, byte high) : Expression
    {
        public override long Size => 1;

        public override void Emit(AutomatonBuilder builder, int from, int to) => builder.AddBytes(from, low, high, to);
    }

    private sealed class LiteralExpression(byte[] bytes) : Expression
    {
        public override long Size => bytes.Length;

        public override void Emit(AutomatonBuilder builder, int from, int to)
        {
            if (bytes.Length == 0)
            {
                builder.AddEmpty(from, to);
                return;
            }

            for (int i = 0; i < bytes.Length; i++)
            {
                int next = i == bytes.Length - 1 ? to : builder.AddState();
                builder.AddBytes(from, bytes[i], bytes[i], next);
                from = next;
            }
        }
    }

    private sealed class CallExpression(int rule) : Expression
    {
        public override long Size => 1;

        public override void Emit(AutomatonBuilder builder, int from, int to) => builder.AddCall(from, rule, to);
    }
}
