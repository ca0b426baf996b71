using System.Numerics;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>Python's comparisons.</summary>
internal static class Comparison
{
    public static bool AreEqual(RenderState state, Value left, Value right)
    {
        if (ReferenceEquals(left, right))
        {
            return left is not FloatValue { Number: double.NaN };
        }

        switch (left, right)
        {
            case (StringValue a, StringValue b):
                state.Budget.ChargeText(Math.Min(a.Text.Length, b.Text.Length));
                return a.Text == b.Text;
            case (ListValue a, ListValue b):
                return AreItemsEqual(state, a, b);
            case (TupleValue a, TupleValue b):
                return AreItemsEqual(state, a, b);
            case (DictValue a, DictValue b):
                return AreEntriesEqual(state, a, b);
            case (RangeValue a, RangeValue b):
                return a.Length == b.Length && (a.Length == 0 || (a.Start == b.Start && (a.Length == 1 || a.Step == b.Step)));
            case (UndefinedValue, UndefinedValue):
                return true;
            default:
                return Numeric.IsNumber(left) && Numeric.IsNumber(right) && CompareNumbers(left, right) == 0;
        }
    }

    /// <summary>Python's <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c> or <c>&gt;=</c>.</summary>
    public static bool IsOrdered(RenderState state, Value left, Value right, string operation)
    {
        if (Numeric.IsNumber(left) && Numeric.IsNumber(right))
        {
            return CompareNumbers(left, right) is { } order && Holds(order, operation);
        }

        switch (left, right)
        {
            case (StringValue a, StringValue b):
                state.Budget.ChargeText(Math.Min(a.Text.Length, b.Text.Length));
                return Holds(CodePoints.Compare(a.Text, b.Text), operation);
            case (ListValue a, ListValue b):
                return AreItemsOrdered(state, a, b, operation);
            case (TupleValue a, TupleValue b):
                return AreItemsOrdered(state, a, b, operation);
            case (UndefinedValue undefined, _):
                throw undefined.Error(state);
            case (_, UndefinedValue undefined):
                throw undefined.Error(state);
            default:
                throw TemplateException.Type($"'{operation}' not supported between instances of '{left.TypeName}' and '{right.TypeName}'");
        }
    }

    /// <summary>Python's <c>item in container</c>.</summary>
    public static bool Contains(RenderState state, Value container, Value item)
    {
        switch (container)
        {
            case StringValue text:
                return item is StringValue part
                    ? TextSearch.IndexOf(state, text.Text, part.Text, 0) >= 0
                    : item is UndefinedValue undefined
                        ? throw undefined.Error(state)
                        : throw TemplateException.Type($"'in <string>' requires string as left operand, not {item.TypeName}");
            case DictValue dict:
                return dict.Find(item) is not null;
        }

        using IEnumerator<Value> items = container.Iterate(state)
            ?? throw TemplateException.Type($"argument of type '{container.TypeName}' is not iterable");
        while (items.MoveNext())
        {
            state.Budget.Charge();
            if (ReferenceEquals(items.Current, item) || AreEqual(state, items.Current, item))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Holds(int order, string operation) => operation switch
    {
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    /// <summary>The order of two numbers, exactly; null when one is not a number.</summary>
    private static int? CompareNumbers(Value left, Value right)
    {
        if (Numeric.TryGetInteger(left, out BigInteger a))
        {
            return Numeric.TryGetInteger(right, out BigInteger b) ? a.CompareTo(b) : -Compare(((FloatValue)right).Number, a);
        }

        double x = ((FloatValue)left).Number;
        if (Numeric.TryGetInteger(right, out BigInteger integer))
        {
            return Compare(x, integer);
        }

        double y = ((FloatValue)right).Number;
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : null;
    }

    private static int? Compare(double real, BigInteger integer)
    {
        if (double.IsNaN(real))
        {
            return null;
        }

        if (double.IsInfinity(real))
        {
            return real > 0 ? 1 : -1;
        }

        int order = new BigInteger(Math.Floor(real)).CompareTo(integer);
        return order == 0 && real != Math.Floor(real) ? 1 : order;
    }

    private static bool AreItemsEqual(RenderState state, SequenceValue left, SequenceValue right)
    {
        if (left.Items.Count != right.Items.Count)
        {
            return false;
        }

        state.Budget.Enter();
        bool equal = FirstDifference(state, left, right) == left.Items.Count;
        state.Budget.Leave();
        return equal;
    }

    private static bool AreItemsOrdered(RenderState state, SequenceValue left, SequenceValue right, string operation)
    {
        state.Budget.Enter();
        int index = FirstDifference(state, left, right);
        bool ordered = index < left.Items.Count && index < right.Items.Count
            ? IsOrdered(state, left.Items[index], right.Items[index], operation)
            : Holds(left.Items.Count.CompareTo(right.Items.Count), operation);
        state.Budget.Leave();
        return ordered;
    }

    private static int FirstDifference(RenderState state, SequenceValue left, SequenceValue right)
    {
        int count = Math.Min(left.Items.Count, right.Items.Count);
        for (int i = 0; i < count; i++)
        {
            state.Budget.Charge();
            if (!ReferenceEquals(left.Items[i], right.Items[i]) && !AreEqual(state, left.Items[i], right.Items[i]))
            {
                return i;
            }
        }

        return count;
    }

    private static bool AreEntriesEqual(RenderState state, DictValue left, DictValue right)
    {
        if (left.Entries.Count != right.Entries.Count)
        {
            return false;
        }

        state.Budget.Enter();
        bool equal = true;
        foreach ((Value key, Value value) in left.Entries)
        {
            state.Budget.Charge();
            equal = right.Find(key) is { } other && AreEqual(state, value, other);
            if (!equal)
            {
                break;
            }
        }

        state.Budget.Leave();
        return equal;
    }
}
