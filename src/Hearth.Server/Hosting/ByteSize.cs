using System.Globalization;
using System.Text.RegularExpressions;

namespace Hearth.Server.Hosting;

/// <summary>Amounts of memory as people write them.</summary>
public static partial class ByteSize
{
    /// <summary>Reads bytes: a number with or without K, M, G or T (powers of 1024), as in <c>6G</c>, <c>512MiB</c>, <c>1.5GB</c>.</summary>
    /// <exception cref="FormatException">It is not one; the message says what is expected.</exception>
    public static long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Match match = SizePattern().Match(text);
        double bytes = match.Success
            ? double.Parse(match.Groups["number"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * UnitOf(match.Groups["unit"].Value)
            : -1;
        return bytes is >= 1 and < long.MaxValue
            ? (long)bytes
            : throw new FormatException($"'{text}' is not an amount of memory; expected bytes with or without K, M, G or T, such as 6G.");
    }

    /// <summary>The amount in the largest unit that keeps a digit in front.</summary>
    public static string Format(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):F1} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
    };

    private static double UnitOf(string unit) => unit switch
    {
        "" => 1,
        _ => Math.Pow(1024, "KMGT".IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal) + 1),
    };

    [GeneratedRegex(@"^(?<number>\d+(\.\d+)?)\s*(?<unit>[KMGT]?)(i?B)?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SizePattern();
}
