namespace Hearth.Benchmarks.Load;

/// <summary>One number of a run.</summary>
/// <param name="Key">Its name in JSON.</param>
/// <param name="Label">Its name in the table.</param>
/// <param name="Value">The number; null where there is nothing to tell it from.</param>
/// <param name="IsCompared">Whether a ratio to the peer's says something.</param>
internal sealed record Figure(string Key, string Label, double? Value, bool IsCompared = true)
{
    public static string Format(double? value) => value switch
    {
        null => "-",
        double number when number == Math.Truncate(number) && Math.Abs(number) < 1e15 => $"{number:F0}",
        double number => Math.Abs(number) >= 1000 ? $"{number:F0}" : Math.Abs(number) >= 100 ? $"{number:F1}" : $"{number:F2}",
    };
}
