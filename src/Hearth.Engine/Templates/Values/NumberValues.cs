using System.Numerics;
using Hearth.Engine.Templates.Builtins;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>Python's <c>int</c>, with a bound on its size.</summary>
internal sealed class IntValue : Value
{
    /// <summary>The most bits of a number.</summary>
    public const int MaxBits = 14_000;

    /// <summary>The most decimal digits that are read, as in Python.</summary>
    public const int MaxDigits = 4200;

    private const int SmallCount = 256;
    private static readonly IntValue[] s_small = [.. Enumerable.Range(0, SmallCount).Select(i => new IntValue(i))];

    private IntValue(BigInteger number) => Number = number;

    public BigInteger Number { get; }

    public override string TypeName => "int";

    public override bool IsTrue => !Number.IsZero;

    public static IntValue Of(int number) => (uint)number < SmallCount ? s_small[number] : new IntValue(number);

    public static IntValue Of(BigInteger number)
    {
        if (number.Sign >= 0 && number < SmallCount)
        {
            return s_small[(int)number];
        }

        if (number.GetBitLength() > MaxBits)
        {
            throw TemplateException.Budget($"A number of {number.GetBitLength()} bits was computed, and {MaxBits} are allowed.");
        }

        return new IntValue(number);
    }

    public override Value? Attribute(RenderState state, string name) => NumberMethods.Find(this, name);
}

/// <summary>Python's <c>float</c>.</summary>
internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string TypeName => "float";

    public override bool IsTrue => Number != 0;

    public override Value? Attribute(RenderState state, string name) => NumberMethods.Find(this, name);
}
