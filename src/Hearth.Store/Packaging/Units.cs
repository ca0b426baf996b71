using System.Globalization;

namespace Hearth.Store.Packaging;

/// <summary>Numbers as the configs of models have them.</summary>
internal static class Units
{
    private static readonly (double Base, string Unit)[] s_counts = [(1e15, "Q"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")];

    // Docker's program takes whichever unit is the largest, binary or decimal.
    private static readonly (double Base, string Unit)[] s_sizes =
    [
        (1L << 50, "PiB"), (1e15, "PB"), (1L << 40, "TiB"), (1e12, "TB"), (1L << 30, "GiB"), (1e9, "GB"), (1L << 20, "MiB"), (1e6, "MB"), (1L << 10, "KiB"), (1e3, "KB"),
    ];

    /// <summary>A number of parameters as Docker writes it: <c>361.82M</c>, <c>7B</c>.</summary>
    public static string Parameters(long count) => Shorten(count, s_counts, string.Empty);

    /// <summary>A size as Docker writes it: <c>256.35MiB</c>.</summary>
    public static string Size(long bytes) => Shorten(bytes, s_sizes, "B");

    /// <summary>A number of parameters as Ollama writes it: <c>361.82M</c>, <c>1.2B</c>, <c>7B</c>.</summary>
    public static string OllamaParameters(long count) => count switch
    {
        >= 1_000_000_000 => Scale(count, 1e9, "F1", "B"),
        >= 1_000_000 => Scale(count, 1e6, "F2", "M"),
        >= 1_000 => Scale(count, 1e3, "F0", "K"),
        _ => count.ToString(CultureInfo.InvariantCulture),
    };

    private static string Scale(long count, double unit, string format, string name) =>
        (count / unit).ToString(count / unit == Math.Floor(count / unit) ? "F0" : format, CultureInfo.InvariantCulture) + name;

    private static string Shorten(long value, (double Base, string Unit)[] units, string smallest)
    {
        (double unit, string name) = units.FirstOrDefault(candidate => value >= candidate.Base, (1, smallest));
        string number = (value / unit).ToString("F2", CultureInfo.InvariantCulture);
        return (number.EndsWith(".00", StringComparison.Ordinal) ? number[..^3] : number) + name;
    }
}
