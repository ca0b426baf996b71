using System.Globalization;

namespace Hearth.Tests.Fuzzing;

/// <summary>What the environment says about fuzzing; CONTRIBUTING.md describes it.</summary>
internal static class FuzzOptions
{
    /// <summary><c>HEARTH_FUZZ_SECONDS</c>: how long each target runs; null for a fixed number of rounds.</summary>
    public static TimeSpan? Duration { get; } = ReadNumber("HEARTH_FUZZ_SECONDS") is int seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary><c>HEARTH_FUZZ_ROUNDS</c>: how many rounds each target runs; null for its own number.</summary>
    public static int? Rounds { get; } = ReadNumber("HEARTH_FUZZ_ROUNDS");

    /// <summary><c>HEARTH_FUZZ_SEED</c>: where the changes come from.</summary>
    public static int Seed { get; } = ReadNumber("HEARTH_FUZZ_SEED") ?? 0;

    /// <summary><c>HEARTH_FUZZ_FIRST</c>: the first round of requests over HTTP.</summary>
    public static int First { get; } = ReadNumber("HEARTH_FUZZ_FIRST") ?? 0;

    /// <summary><c>HEARTH_FUZZ_INPUT</c>: a file that is read alone.</summary>
    public static string? Input { get; } = Environment.GetEnvironmentVariable("HEARTH_FUZZ_INPUT");

    /// <summary><c>HEARTH_FUZZ_APIS</c>: the APIs that are asked, with commas between; null for all.</summary>
    public static string[]? Apis { get; } = Environment.GetEnvironmentVariable("HEARTH_FUZZ_APIS")?.Split(',');

    /// <summary><c>HEARTH_FUZZ_FOLDER</c>: where inputs that failed and results are written.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("HEARTH_FUZZ_FOLDER") ?? Path.Combine(Path.GetTempPath(), "hearth-fuzz");

    /// <summary>Writes the line of a target for the table of all of them.</summary>
    public static void Report(string target, long rounds, TimeSpan elapsed, int failures, TimeSpan slowest, long? allocated)
    {
        Directory.CreateDirectory(Folder);
        string[] cells =
        [
            target, Text(rounds), Text(rounds / Math.Max(0.001, elapsed.TotalSeconds), "F0"), Text(failures), Text(slowest.TotalMilliseconds, "F1"), allocated is long bytes ? Text(bytes / 1024.0 / 1024.0, "F2") : "-",
        ];
        File.WriteAllText(Path.Combine(Folder, target + ".tsv"), string.Join('\t', cells) + "\n");
    }

    private static string Text(IFormattable number, string? format = null) => number.ToString(format, CultureInfo.InvariantCulture);

    private static int? ReadNumber(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
