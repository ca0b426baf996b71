using System.Numerics;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The methods of Python's numbers.</summary>
internal static class NumberMethods
{
    public static Value? Find(Value self, string name) => (self, name) switch
    {
        (IntValue or FloatValue, "real") => self,
        (IntValue, "imag") => IntValue.Of(0),
        (IntValue, "numerator") => self,
        (IntValue, "denominator") => IntValue.Of(1),
        (FloatValue, "imag") => new FloatValue(0),
        (IntValue number, "bit_length") => new FunctionValue(name, (_, _) => BitLength(number.Number)),
        (FloatValue real, "is_integer") => new FunctionValue(name, (_, _) => BoolValue.Of(double.IsInteger(real.Number))),
        (_, "conjugate") => new FunctionValue(name, (_, _) => self),
        _ => null,
    };

    private static IntValue BitLength(BigInteger number) => IntValue.Of((int)BigInteger.Abs(number).GetBitLength());
}
