using System.Globalization;
using System.Text;

namespace Hearth.Engine.Grammar.Text;

/// <summary>A set of Unicode scalar values, as ranges in order that neither overlap nor touch.</summary>
internal sealed class CharacterSet
{
    private const int FirstSurrogate = 0xD800;
    private const int LastSurrogate = 0xDFFF;
    private const int LastScalar = 0x10FFFF;

    private CharacterSet(IReadOnlyList<CharacterRange> ranges) => Ranges = ranges;

    /// <summary>Every scalar value.</summary>
    public static CharacterSet All { get; } = Of((0, LastScalar));

    /// <summary>None.</summary>
    public static CharacterSet None { get; } = Of();

    /// <summary>The ranges.</summary>
    public IReadOnlyList<CharacterRange> Ranges { get; }

    /// <summary>The set of ranges, in any order; surrogates are left out.</summary>
    public static CharacterSet Of(params IEnumerable<(int Low, int High)> ranges)
    {
        List<CharacterRange> scalars = [];
        foreach ((int low, int high) in ranges)
        {
            Add(scalars, low, Math.Min(high, FirstSurrogate - 1));
            Add(scalars, Math.Max(low, LastSurrogate + 1), Math.Min(high, LastScalar));
        }

        scalars.Sort((left, right) => left.Low.CompareTo(right.Low));
        List<CharacterRange> merged = [];
        foreach (CharacterRange range in scalars)
        {
            if (merged.Count > 0 && range.Low <= merged[^1].High + 1)
            {
                merged[^1] = merged[^1] with { High = Math.Max(merged[^1].High, range.High) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return new CharacterSet(merged);
    }

    /// <summary>The set of one scalar value.</summary>
    public static CharacterSet Of(Rune rune) => Of((rune.Value, rune.Value));

    /// <summary>The scalar values of general categories.</summary>
    public static CharacterSet OfCategories(Func<UnicodeCategory, bool> includes)
    {
        List<(int, int)> ranges = [];
        int first = -1;
        for (int value = 0; value <= LastScalar + 1; value++)
        {
            bool isIn = value <= LastScalar && includes(CharUnicodeInfo.GetUnicodeCategory(value));
            if (isIn && first < 0)
            {
                first = value;
            }
            else if (!isIn && first >= 0)
            {
                ranges.Add((first, value - 1));
                first = -1;
            }
        }

        return Of(ranges);
    }

    /// <summary>All others.</summary>
    public CharacterSet Complement()
    {
        List<(int, int)> ranges = [];
        int next = 0;
        foreach (CharacterRange range in Ranges)
        {
            ranges.Add((next, range.Low - 1));
            next = range.High + 1;
        }

        ranges.Add((next, LastScalar));
        return Of(ranges);
    }

    public CharacterSet Union(CharacterSet other) => Of(Ranges.Concat(other.Ranges).Select(range => (range.Low, range.High)));

    public CharacterSet Except(CharacterSet other) => Complement().Union(other).Complement();

    private static void Add(List<CharacterRange> ranges, int low, int high)
    {
        if (low <= high)
        {
            ranges.Add(new CharacterRange(low, high));
        }
    }
}

/// <summary>A range of scalar values.</summary>
/// <param name="Low">The first.</param>
/// <param name="High">The last.</param>
internal readonly record struct CharacterRange(int Low, int High);
