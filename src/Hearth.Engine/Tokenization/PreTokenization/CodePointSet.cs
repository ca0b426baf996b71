using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>A set of code points, as a bracket expression writes it: classes and ranges.</summary>
internal sealed class CodePointSet
{
    private readonly CharacterClass _classes;
    private readonly int[] _firsts;
    private readonly int[] _lasts;
    private readonly bool _complement;

    private CodePointSet(CharacterClass classes, IEnumerable<(int First, int Last)> ranges, bool complement)
    {
        List<(int First, int Last)> joined = [];
        foreach ((int first, int last) in ranges.OrderBy(range => range.First))
        {
            if (joined.Count > 0 && first <= joined[^1].Last)
            {
                joined[^1] = (joined[^1].First, Math.Max(last, joined[^1].Last));
            }
            else
            {
                joined.Add((first, last));
            }
        }

        _classes = classes;
        _firsts = [.. joined.Select(range => range.First)];
        _lasts = [.. joined.Select(range => range.Last)];
        _complement = complement;
    }

    /// <summary>The code points of some classes, and the members of a list.</summary>
    /// <param name="classes">Classes.</param>
    /// <param name="ranges">Code points, and ranges of them with <c>-</c> between the first and the last: <c>a-z_</c>; a <c>-</c> at an
    /// end is itself.</param>
    public static CodePointSet Of(CharacterClass classes, string ranges = "") => new(classes, Parse(ranges), complement: false);

    /// <summary>The code points that are neither of some classes nor in a list.</summary>
    public static CodePointSet Except(CharacterClass classes, string ranges = "") => new(classes, Parse(ranges), complement: true);

    /// <summary>
    /// Whether a code point is in the set. White space beyond ASCII is only in sets that name <see cref="CharacterClass.WhiteSpace"/>, or
    /// a complement
    /// that does not, as in the reference implementation.
    /// </summary>
    public bool Contains(int codePoint, CharacterClass found)
    {
        bool listed = (found & _classes) != 0
            || (_firsts.Length > 0 && (codePoint < 0x80 || (found & CharacterClass.WhiteSpace) == 0) && InRanges(codePoint));
        return listed != _complement;
    }

    private bool InRanges(int codePoint)
    {
        int index = Array.BinarySearch(_firsts, codePoint);
        index = index >= 0 ? index : ~index - 1;
        return index >= 0 && codePoint <= _lasts[index];
    }

    private static List<(int First, int Last)> Parse(string ranges)
    {
        int[] codePoints = [.. ranges.EnumerateRunes().Select(rune => rune.Value)];
        List<(int First, int Last)> result = [];
        for (int i = 0; i < codePoints.Length; i++)
        {
            if (i + 2 < codePoints.Length && codePoints[i + 1] == '-')
            {
                result.Add((codePoints[i], codePoints[i + 2]));
                i += 2;
            }
            else
            {
                result.Add((codePoints[i], codePoints[i]));
            }
        }

        return result;
    }
}
