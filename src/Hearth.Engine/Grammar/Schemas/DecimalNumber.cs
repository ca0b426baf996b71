using System.Globalization;
using System.Numerics;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>A number as it is written, exactly: <c>Units / 10^Scale</c>, with the least scale.</summary>
/// <param name="Units">The digits.</param>
/// <param name="Scale">How many of them are behind the point.</param>
internal readonly record struct DecimalNumber(BigInteger Units, int Scale) : IComparable<DecimalNumber>
{
    private const int MaxExponent = 400;
    private const int MaxLength = 400;

    /// <summary>Reads a JSON number.</summary>
    /// <returns>Null when it is longer than anyone needs.</returns>
    public static DecimalNumber? Parse(string text)
    {
        int split = text.IndexOfAny(['e', 'E']);
        string mantissa = split < 0 ? text : text[..split];
        int exponent = 0;
        if (mantissa.Length > MaxLength || (split >= 0 && !int.TryParse(text.AsSpan(split + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            || Math.Abs((long)exponent) > MaxExponent)
        {
            return null;
        }

        int point = mantissa.IndexOf('.');
        int scale = (point < 0 ? 0 : mantissa.Length - point - 1) - exponent;
        BigInteger units = BigInteger.Parse(mantissa.Replace(".", string.Empty), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (scale < 0)
        {
            (units, scale) = (units * BigInteger.Pow(10, -scale), 0);
        }

        while (scale > 0 && units % 10 == 0)
        {
            (units, scale) = (units / 10, scale - 1);
        }

        return new DecimalNumber(units, scale);
    }

    /// <summary>Whether it is a whole number.</summary>
    public bool IsWhole => Scale == 0;

    /// <summary>The digits with so many behind the point; there must be as many.</summary>
    public BigInteger At(int scale) => Units * BigInteger.Pow(10, scale - Scale);

    public int CompareTo(DecimalNumber other)
    {
        int scale = Math.Max(Scale, other.Scale);
        return At(scale).CompareTo(other.At(scale));
    }
}

/// <summary>An end of a range.</summary>
/// <param name="Value">The number.</param>
/// <param name="IsExclusive">Whether the number itself is outside.</param>
internal readonly record struct NumberBound(DecimalNumber Value, bool IsExclusive);
