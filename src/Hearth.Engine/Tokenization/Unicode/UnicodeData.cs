using System.Text;

namespace Hearth.Engine.Tokenization.Unicode;

/// <summary>
/// Character properties by code point. They are fixed at Unicode 15.1, whatever the runtime's version is, because a token split
/// must not change with the runtime: it is what the reference implementation uses.
/// </summary>
internal static partial class UnicodeData
{
    private const int CodePoints = 0x110000;
    private const int TableSize = 0x20000;
    private const int FirstHangul = 0xAC00;
    private const int LastHangul = 0xD7A3;
    private const int FirstLeadingJamo = 0x1100;
    private const int HangulPerLeadingJamo = 588;
    private const int CapitalIWithDot = 0x130;

    // The white space of the property list (PropList.txt, White_Space).
    private static ReadOnlySpan<ushort> WhiteSpace =>
    [
        0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
        0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
    ];

    private static readonly CharacterClass[] s_classes = BuildTable();

    /// <summary>The class of a code point; <see cref="CharacterClass.Undefined"/> outside 0 to 0x10FFFF.</summary>
    public static CharacterClass ClassOf(int codePoint) => (uint)codePoint < TableSize ? s_classes[codePoint] : Search(codePoint);

    /// <summary>The first code point of the canonical decomposition (NFD) of one code point.</summary>
    public static int FirstOfDecomposition(int codePoint)
    {
        if (codePoint is >= FirstHangul and <= LastHangul)
        {
            return FirstLeadingJamo + ((codePoint - FirstHangul) / HangulPerLeadingJamo);
        }

        ReadOnlySpan<ulong> runs = DecompositionRuns;
        int low = 0, high = runs.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int first = (int)(runs[middle] >> 32);
            if (codePoint < first)
            {
                high = middle - 1;
            }
            else if (codePoint > first + (int)((runs[middle] >> 24) & 0xFF))
            {
                low = middle + 1;
            }
            else
            {
                return (int)(runs[middle] & 0xFFFFFF);
            }
        }

        return codePoint;
    }

    /// <summary>The simple lower-case mapping of a code point (UnicodeData.txt, field Simple_Lowercase_Mapping).</summary>
    public static int ToLower(int codePoint)
    {
        if (codePoint < 0x80)
        {
            return codePoint is >= 'A' and <= 'Z' ? codePoint | 0x20 : codePoint;
        }

        // The invariant mapping leaves this one as it is because its full mapping has two code points.
        if (codePoint == CapitalIWithDot)
        {
            return 'i';
        }

        return Rune.IsValid(codePoint) && ClassOf(codePoint) != CharacterClass.Undefined
            ? Rune.ToLowerInvariant(new Rune(codePoint)).Value : codePoint;
    }

    private static CharacterClass Search(int codePoint)
    {
        if ((uint)codePoint >= CodePoints)
        {
            return CharacterClass.Undefined;
        }

        ReadOnlySpan<uint> runs = CategoryRuns;
        int low = 0, high = runs.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if ((int)(runs[middle] >> 8) <= codePoint)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return (CharacterClass)(runs[low] & 0xFF);
    }

    private static CharacterClass[] BuildTable()
    {
        CharacterClass[] classes = new CharacterClass[TableSize];
        ReadOnlySpan<uint> runs = CategoryRuns;
        for (int i = 0; i < runs.Length && (int)(runs[i] >> 8) < TableSize; i++)
        {
            int first = (int)(runs[i] >> 8);
            int end = i + 1 < runs.Length ? Math.Min(TableSize, (int)(runs[i + 1] >> 8)) : TableSize;
            classes.AsSpan(first, end - first).Fill((CharacterClass)(runs[i] & 0xFF));
        }

        foreach (ushort space in WhiteSpace)
        {
            classes[space] |= CharacterClass.WhiteSpace;
        }

        return classes;
    }
}
