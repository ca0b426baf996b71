namespace Hearth.Engine.Grammar.Automata;

/// <summary>A repetition: a loop, or a chain with a state for each number of times.</summary>
/// <param name="part">What is repeated.</param>
/// <param name="least">How often at least.</param>
/// <param name="most">How often at most; null for any number.</param>
internal sealed class RepeatExpression(Expression part, int least, int? most) : Expression
{
    // A token has at most so many bytes, so it cannot reach further along a chain.
    private const int Reach = GrammarLimits.TokenBytes + 1;
    private const int SmallSize = 2;

    public override long Size { get; } = Math.Min(int.MaxValue, (Math.Max(least, most ?? 0) > 1 && part.Size > SmallSize ? 1 : part.Size) * Math.Max(1L, Math.Max(least, most ?? 0)));

    public override void Emit(AutomatonBuilder builder, int from, int to)
    {
        int count = most ?? least;
        if (Math.Max(least, count) > GrammarLimits.Repetitions)
        {
            throw GrammarException.TooComplex($"something is repeated up to {Math.Max(least, count)} times", $"at most {GrammarLimits.Repetitions}");
        }

        if (count < least)
        {
            return;
        }

        // What is repeated often and is not small becomes a rule, so that its states are there once.
        Expression one = count > 1 && part.Size > SmallSize && !builder.IsRegular ? Call(builder.AddRule("repeated", part)) : part;
        int[] chain = new int[count + 1];
        chain[0] = builder.AddState();
        builder.AddEmpty(from, chain[0]);
        for (int i = 0; i < count; i++)
        {
            chain[i + 1] = builder.AddState();
            one.Emit(builder, chain[i], chain[i + 1]);
            if (i >= least)
            {
                builder.AddEmpty(chain[i], to);
            }
        }

        builder.AddEmpty(chain[count], to);
        if (most is null)
        {
            int end = builder.AddState();
            one.Emit(builder, chain[count], end);
            builder.AddEmpty(end, chain[count]);
        }

        MarkAlike(builder, chain, 0, least);
        MarkAlike(builder, chain, least, count);
    }

    private static void MarkAlike(AutomatonBuilder builder, int[] chain, int first, int last)
    {
        for (int i = first + 1; i < last - Reach; i++)
        {
            builder.MarkAlike(chain[i], chain[first]);
        }
    }
}
