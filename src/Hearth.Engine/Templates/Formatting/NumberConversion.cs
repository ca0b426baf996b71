using System.Numerics;

namespace Hearth.Engine.Templates.Formatting;

/// <summary>Python's <c>int(float)</c>.</summary>
internal static class NumberConversion
{
    public static BigInteger Truncate(double number) => double.IsFinite(number)
        ? new BigInteger(Math.Truncate(number))
        : throw TemplateException.Value($"cannot convert float {(double.IsNaN(number) ? "NaN" : "infinity")} to integer");
}
