using System.Numerics;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>Python's <c>==</c> and <c>hash</c>: 1, 1.0 and True are one key.</summary>
internal sealed class ValueComparer(RenderState state) : IEqualityComparer<Value>
{
    public bool Equals(Value? x, Value? y) => Comparison.AreEqual(state, x!, y!);

    public int GetHashCode(Value obj)
    {
        switch (obj)
        {
            case StringValue text:
                state.Budget.ChargeText(text.Text.Length);
                return text.Text.GetHashCode(StringComparison.Ordinal);
            case FloatValue real:
                return double.IsInteger(real.Number) ? new BigInteger(real.Number).GetHashCode() : real.Number.GetHashCode();
            case IntValue or BoolValue:
                _ = Numeric.TryGetInteger(obj, out BigInteger number);
                return number.GetHashCode();
            case TupleValue tuple:
                return HashItems(tuple);
            case ListValue or DictValue:
                throw TemplateException.Type($"unhashable type: '{obj.TypeName}'");
            case UndefinedValue:
                return 0;
            default:
                return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
        }
    }

    private int HashItems(TupleValue tuple)
    {
        state.Budget.Enter();
        var hash = default(HashCode);
        foreach (Value item in tuple.Items)
        {
            state.Budget.Charge();
            hash.Add(GetHashCode(item));
        }

        state.Budget.Leave();
        return hash.ToHashCode();
    }
}
