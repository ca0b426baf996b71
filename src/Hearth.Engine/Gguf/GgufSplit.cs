using System.Globalization;
using System.Text.RegularExpressions;

namespace Hearth.Engine.Gguf;

/// <summary>What a part of a split model says of itself: <c>split.no</c>, <c>split.count</c>, <c>split.tensors.count</c>.</summary>
internal sealed partial record GgufSplit(int Number, int Count, long? TensorCount)
{
    public const int MaxParts = 65535;

    /// <summary>Null when the file is whole.</summary>
    public static GgufSplit? Of(GgufMetadata metadata, string path)
    {
        long count = metadata.GetInteger("split.count") ?? 0;
        if (count is 0 or 1)
        {
            return null;
        }

        long number = metadata.GetInteger("split.no") ?? 0;
        return count is > 0 and <= MaxParts && number >= 0 && number < count
            ? new GgufSplit((int)number, (int)count, metadata.GetInteger("split.tensors.count"))
            : throw GgufException.SplitMismatch(path, $"says that it is part {number} (counted from 0) of {count}, which cannot be");
    }

    /// <summary>The paths of all parts, from the first part's.</summary>
    public IReadOnlyList<string> PathsBeside(string first)
    {
        Match match = PartName().Match(first);
        if (!match.Success || match.Groups["count"].Value != Digits(Count) || match.Groups["number"].Value != Digits(Number + 1))
        {
            throw GgufException.SplitMismatch(
                first,
                $"is part {Number + 1} of {Count}, but its name does not end in -{Digits(Number + 1)}-of-{Digits(Count)}.gguf, "
                + "so the others cannot be found; give it its name back");
        }

        string stem = match.Groups["stem"].Value;
        if (Number != 0)
        {
            throw GgufException.SplitMismatch(
                first, $"is part {Number + 1} of {Count}; open the first part, '{stem}-{Digits(1)}-of-{Digits(Count)}.gguf'");
        }

        return [.. Enumerable.Range(1, Count).Select(part => $"{stem}-{Digits(part)}-of-{Digits(Count)}.gguf")];
    }

    private static string Digits(int number) => number.ToString("D5", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<stem>.*)-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf$", RegexOptions.Singleline)]
    private static partial Regex PartName();
}
