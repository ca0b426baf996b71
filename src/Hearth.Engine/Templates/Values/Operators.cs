using System.Numerics;
using Hearth.Engine.Templates.Formatting;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>Python's arithmetic.</summary>
internal static class Operators
{
    private const int BitsPerLimb = 64;

    public static Value Binary(RenderState state, string operation, Value left, Value right)
    {
        if (left is UndefinedValue || (right is UndefinedValue && !(operation == "%" && left is StringValue)))
        {
            throw ((left as UndefinedValue) ?? (UndefinedValue)right).Error(state);
        }

        return operation switch
        {
            "+" => Add(state, left, right),
            "-" => Arithmetic(state, operation, left, right, (a, b) => a - b, (a, b) => a - b),
            "*" => Multiply(state, left, right),
            "/" => Divide(state, left, right),
            "//" => Arithmetic(state, operation, left, right, FloorDivide, (a, b) => Math.Floor((a - Modulo(a, b)) / NotZero(b))),
            "%" => left is StringValue format
                ? PercentFormat.Format(state, format, right)
                : Arithmetic(state, operation, left, right, Modulo, Modulo),
            _ => Power(state, left, right),
        };
    }

    public static Value Negate(RenderState state, Value value) => value switch
    {
        FloatValue real => new FloatValue(-real.Number),
        UndefinedValue undefined => throw undefined.Error(state),
        _ => Numeric.TryGetInteger(value, out BigInteger number) ? IntValue.Of(-number) : throw BadOperand("-", value),
    };

    public static Value Plus(RenderState state, Value value) => value switch
    {
        FloatValue => value,
        UndefinedValue undefined => throw undefined.Error(state),
        _ => Numeric.TryGetInteger(value, out BigInteger number) ? IntValue.Of(number) : throw BadOperand("+", value),
    };

    public static BigInteger Modulo(BigInteger left, BigInteger right)
    {
        BigInteger remainder = BigInteger.Remainder(left, NotZero(right));
        return remainder.Sign != 0 && remainder.Sign != right.Sign ? remainder + right : remainder;
    }

    private static Value Add(RenderState state, Value left, Value right)
    {
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                return Concatenate(state, a, b);
            case (ListValue a, ListValue b):
                state.Budget.Charge(a.Items.Count + b.Items.Count);
                return new ListValue([.. a.Items, .. b.Items]);
            case (TupleValue a, TupleValue b):
                state.Budget.Charge(a.Items.Count + b.Items.Count);
                return new TupleValue([.. a.Items, .. b.Items]);
            case (StringValue or SequenceValue, _):
                throw TemplateException.Type($"can only concatenate {left.TypeName} (not \"{right.TypeName}\") to {left.TypeName}");
            default:
                return Arithmetic(state, "+", left, right, (a, b) => a + b, (a, b) => a + b);
        }
    }

    private static StringValue Concatenate(RenderState state, StringValue left, StringValue right)
    {
        bool isMarkup = left.IsMarkup || right.IsMarkup;
        if (isMarkup)
        {
            left = Markup.Escape(state, left);
            right = Markup.Escape(state, right);
        }

        return new TextBuilder(state.Budget).Append(left).Append(right).ToValue().AsMarkup(isMarkup);
    }

    private static Value Multiply(RenderState state, Value left, Value right)
    {
        if (left is StringValue or SequenceValue && Numeric.TryGetIndex(right, out int count))
        {
            return Repeat(state, left, Math.Max(count, 0));
        }

        if (right is StringValue or SequenceValue && Numeric.TryGetIndex(left, out count))
        {
            return Repeat(state, right, Math.Max(count, 0));
        }

        if (left is StringValue or SequenceValue || right is StringValue or SequenceValue)
        {
            Value factor = left is StringValue or SequenceValue ? right : left;
            throw TemplateException.Type($"can't multiply sequence by non-int of type '{factor.TypeName}'");
        }

        return Arithmetic(state, "*", left, right, (a, b) => a * b, (a, b) => a * b);
    }

    private static Value Repeat(RenderState state, Value value, int count)
    {
        if (value is StringValue text)
        {
            state.Budget.CheckLength((long)text.Text.Length * count);
            if (text.Runs is null)
            {
                state.Budget.ChargeText((long)text.Text.Length * count);
                string repeated = string.Concat(Enumerable.Repeat(text.Text, text.Text.Length == 0 ? 0 : count));
                return text.WithText(repeated).AsMarkup(text.IsMarkup);
            }

            var builder = new TextBuilder(state.Budget);
            for (int i = 0; i < count; i++)
            {
                builder.Append(text);
            }

            return builder.ToValue().AsMarkup(text.IsMarkup);
        }

        IReadOnlyList<Value> items = ((SequenceValue)value).Items;
        state.Budget.Charge((long)items.Count * count);
        var list = new List<Value>(items.Count * count);
        for (int i = 0; i < count && items.Count > 0; i++)
        {
            list.AddRange(items);
        }

        return value is ListValue ? new ListValue(list) : new TupleValue([.. list]);
    }

    private static FloatValue Divide(RenderState state, Value left, Value right)
    {
        if (Numeric.TryGetInteger(left, out BigInteger a) && Numeric.TryGetInteger(right, out BigInteger b))
        {
            ChargeProduct(state, a, b);
            return new FloatValue(DivideExactly(a, NotZero(b)));
        }

        return Numeric.TryGetDouble(left, out double x) && Numeric.TryGetDouble(right, out double y)
            ? new FloatValue(x / NotZero(y))
            : throw Unsupported("/", left, right);
    }

    // Both operands exact in a double give the correctly rounded quotient; larger ones are scaled to enough bits first.
    private static double DivideExactly(BigInteger left, BigInteger right)
    {
        const int ExactBits = 53;
        if (left.IsZero || left.GetBitLength() <= ExactBits && right.GetBitLength() <= ExactBits)
        {
            return left.IsZero ? 0 : (double)left / (double)right;
        }

        int shift = (int)(right.GetBitLength() - left.GetBitLength()) + BitsPerLimb + 2;
        BigInteger numerator = BigInteger.Abs(shift > 0 ? left << shift : left);
        BigInteger denominator = BigInteger.Abs(shift < 0 ? right << -shift : right);
        var quotient = BigInteger.DivRem(numerator, denominator, out BigInteger remainder);
        if (!remainder.IsZero)
        {
            quotient |= 1;
        }

        double result = Math.ScaleB(RoundedDouble(quotient), -shift);
        return double.IsFinite(result)
            ? left.Sign == right.Sign ? result : -result
            : throw TemplateException.Value("integer division result too large for a float");
    }

    private static double RoundedDouble(BigInteger number)
    {
        const int MantissaBits = 53;
        int extra = (int)number.GetBitLength() - MantissaBits;
        if (extra <= 0)
        {
            return (double)number;
        }

        BigInteger mantissa = number >> extra;
        BigInteger rest = number - (mantissa << extra);
        int order = rest.CompareTo(BigInteger.One << (extra - 1));
        mantissa += order > 0 || (order == 0 && !mantissa.IsEven) ? 1 : 0;
        return Math.ScaleB((double)mantissa, extra);
    }

    private static Value Power(RenderState state, Value left, Value right)
    {
        if (Numeric.TryGetInteger(left, out BigInteger number)
            && Numeric.TryGetInteger(right, out BigInteger exponent)
            && exponent.Sign >= 0)
        {
            return IntValue.Of(Power(state, number, exponent));
        }

        if (!Numeric.TryGetDouble(left, out double x) || !Numeric.TryGetDouble(right, out double y))
        {
            throw Unsupported("** or pow()", left, right);
        }

        if (x == 0 && y < 0)
        {
            throw TemplateException.Value("0.0 cannot be raised to a negative power");
        }

        double result = Math.Pow(x, y);
        return !double.IsFinite(result) && double.IsFinite(x) && double.IsFinite(y)
            ? throw TemplateException.Value(x < 0 && !double.IsInteger(y) ? "complex numbers are not supported" : "Result too large")
            : new FloatValue(result);
    }

    private static BigInteger Power(RenderState state, BigInteger number, BigInteger exponent)
    {
        if (number.IsZero || number.IsOne || exponent.IsZero)
        {
            return exponent.IsZero ? BigInteger.One : number;
        }

        if (number == BigInteger.MinusOne)
        {
            return exponent.IsEven ? BigInteger.One : BigInteger.MinusOne;
        }

        if (exponent > IntValue.MaxBits || number.GetBitLength() * (long)exponent > 2L * IntValue.MaxBits)
        {
            throw TemplateException.Budget($"A power of more than {IntValue.MaxBits} bits was asked for.");
        }

        const int BitsPerStep = 256;
        state.Budget.Charge(1 + number.GetBitLength() * (long)exponent / BitsPerStep);
        return BigInteger.Pow(number, (int)exponent);
    }

    private static void ChargeProduct(RenderState state, BigInteger left, BigInteger right)
    {
        const int BitProductsPerStep = 65_536;
        state.Budget.Charge(1 + left.GetBitLength() * right.GetBitLength() / BitProductsPerStep);
    }

    private static Value Arithmetic(
        RenderState state,
        string operation,
        Value left,
        Value right,
        Func<BigInteger, BigInteger, BigInteger> onIntegers,
        Func<double, double, double> onDoubles)
    {
        if (Numeric.TryGetInteger(left, out BigInteger a) && Numeric.TryGetInteger(right, out BigInteger b))
        {
            ChargeProduct(state, a, b);
            return IntValue.Of(onIntegers(a, b));
        }

        state.Budget.Charge();
        return Numeric.TryGetDouble(left, out double x) && Numeric.TryGetDouble(right, out double y)
            ? new FloatValue(onDoubles(x, y))
            : throw Unsupported(operation, left, right);
    }

    private static BigInteger FloorDivide(BigInteger left, BigInteger right)
    {
        var quotient = BigInteger.DivRem(left, NotZero(right), out BigInteger remainder);
        return remainder.Sign != 0 && remainder.Sign != right.Sign ? quotient - 1 : quotient;
    }

    private static double Modulo(double left, double right)
    {
        double remainder = left % NotZero(right);
        return remainder == 0 ? Math.CopySign(0, right) : remainder < 0 != right < 0 ? remainder + right : remainder;
    }

    private static BigInteger NotZero(BigInteger number) => number.IsZero ? throw DivisionByZero() : number;

    private static double NotZero(double number) => number == 0 ? throw DivisionByZero() : number;

    private static TemplateException DivisionByZero() => TemplateException.Value("division by zero");

    private static TemplateException Unsupported(string operation, Value left, Value right) =>
        TemplateException.Type($"unsupported operand type(s) for {operation}: '{left.TypeName}' and '{right.TypeName}'");

    private static TemplateException BadOperand(string operation, Value value) =>
        TemplateException.Type($"bad operand type for unary {operation}: '{value.TypeName}'");
}
