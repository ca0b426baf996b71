using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>A member of an object or an array.</summary>
/// <param name="Body">What it is.</param>
/// <param name="IsRequired">Whether it must be there.</param>
internal readonly record struct Member(Expression Body, bool IsRequired);

/// <summary>What stands between the brackets of an object: members in order, some of which may be missing, then any number of others.</summary>
/// <param name="style">Where white space stands.</param>
/// <param name="isRoot">Whether it is the whole text.</param>
/// <param name="members">The members in order.</param>
/// <param name="others">Another member; null for none.</param>
/// <param name="most">Other members at most; null for any number.</param>
/// <param name="needsAny">Whether there must be a member.</param>
internal sealed class ObjectExpression(JsonStyle style, bool isRoot, IReadOnlyList<Member> members, Expression? others, int? most, bool needsAny) : Expression
{
    public override long Size => members.Count + 10;

    public override void Emit(AutomatonBuilder builder, int from, int to)
    {
        int open = builder.AddState();
        builder.AddBytes(from, (byte)'{', (byte)'{', open);
        if (!needsAny && !members.Any(member => member.IsRequired) && !(isRoot && style.InsideRoot != Empty))
        {
            builder.AddBytes(open, (byte)'}', (byte)'}', to);
        }

        Expression inside = isRoot ? style.InsideRoot : style.Inside;
        Sequence(inside, new MembersExpression(style.Comma, members, others, most), style.Inside, Literal("}")).Emit(builder, open, to);
    }
}

/// <summary>Members in order, some of which may be missing, then any number of others: at least one in all.</summary>
/// <param name="separator">What is between two members.</param>
/// <param name="members">The members in order.</param>
/// <param name="others">Another member; null for none.</param>
/// <param name="most">Other members at most; null for any number.</param>
internal sealed class MembersExpression(Expression separator, IReadOnlyList<Member> members, Expression? others, int? most) : Expression
{
    public override long Size => members.Count + 10;

    public override void Emit(AutomatonBuilder builder, int from, int to)
    {
        // Two rows of states: before the first member, and after one. A member leads to the second row.
        int none = from;
        int some = builder.AddState();
        foreach (Member member in members)
        {
            int before = builder.AddState();
            int nextNone = builder.AddState();
            int nextSome = builder.AddState();
            builder.AddEmpty(none, before);
            separator.Emit(builder, some, before);
            member.Body.Emit(builder, before, nextSome);
            if (!member.IsRequired)
            {
                builder.AddEmpty(none, nextNone);
                builder.AddEmpty(some, nextSome);
            }

            (none, some) = (nextNone, nextSome);
        }

        builder.AddEmpty(some, to);
        if (others is not null && most != 0)
        {
            Expression next = Sequence(separator, others);
            Sequence(others, Repeat(next, 0, most - 1)).Emit(builder, none, to);
            Repeat(next, 1, most).Emit(builder, some, to);
        }
    }
}

/// <summary>What stands between the brackets of an array: items of which each has its own description, then items that are alike.</summary>
/// <param name="style">Where white space stands.</param>
/// <param name="isRoot">Whether it is the whole text.</param>
/// <param name="prefix">The items with their own descriptions.</param>
/// <param name="rest">An item behind them; null for none.</param>
/// <param name="least">Items at least.</param>
/// <param name="most">Items at most; null for any number.</param>
internal sealed class ArrayExpression(JsonStyle style, bool isRoot, IReadOnlyList<Expression> prefix, Expression? rest, int least, int? most) : Expression
{
    public override long Size => prefix.Count + 10;

    public override void Emit(AutomatonBuilder builder, int from, int to)
    {
        int open = builder.AddState();
        builder.AddBytes(from, (byte)'[', (byte)'[', open);
        if (least == 0 && !(isRoot && style.InsideRoot != Empty))
        {
            builder.AddBytes(open, (byte)']', (byte)']', to);
        }

        int current = builder.AddState();
        int last = builder.AddState();
        (isRoot ? style.InsideRoot : style.Inside).Emit(builder, open, current);
        Sequence(style.Inside, Literal("]")).Emit(builder, last, to);
        int count = 0;
        for (; count < prefix.Count && !(count >= most); count++)
        {
            int next = builder.AddState();
            (count == 0 ? prefix[0] : Sequence(style.Comma, prefix[count])).Emit(builder, current, next);
            current = next;
            if (count + 1 >= least)
            {
                builder.AddEmpty(current, last);
            }
        }

        if (rest is null || count >= most)
        {
            return;
        }

        if (count == 0)
        {
            int next = builder.AddState();
            rest.Emit(builder, current, next);
            current = next;
            count = 1;
        }

        Repeat(Sequence(style.Comma, rest), Math.Max(0, least - count), most - count).Emit(builder, current, last);
    }
}
