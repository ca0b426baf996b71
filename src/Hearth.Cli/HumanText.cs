using System.Globalization;

namespace Hearth.Cli;

/// <summary>Numbers and times as people read them.</summary>
internal static class HumanText
{
    private static readonly string[] s_units = ["kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Bytes in powers of 1000: <c>999 B</c>, <c>1.5 kB</c>, <c>256.3 MB</c>.</summary>
    public static string Size(long bytes)
    {
        if (bytes < 1000)
        {
            return $"{bytes} B";
        }

        // What rounds to 1000.0 of a unit is 1.0 of the next.
        double value = bytes / 1000d;
        int unit = 0;
        while (value >= 999.95)
        {
            value /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:F1} {s_units[unit]}");
    }

    /// <summary>How long ago something was: <c>3 weeks ago</c>.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now)
    {
        TimeSpan passed = now - time;
        return passed < TimeSpan.FromSeconds(1) ? "just now"
            : passed < TimeSpan.FromMinutes(1) ? Ago(passed.TotalSeconds, "second")
            : passed < TimeSpan.FromHours(1) ? Ago(passed.TotalMinutes, "minute")
            : passed < TimeSpan.FromDays(2) ? Ago(passed.TotalHours, "hour")
            : passed < TimeSpan.FromDays(14) ? Ago(passed.TotalDays, "day")
            : passed < TimeSpan.FromDays(60) ? Ago(passed.TotalDays / 7, "week")
            : passed < TimeSpan.FromDays(2 * 365) ? Ago(passed.TotalDays / 30, "month")
            : Ago(passed.TotalDays / 365, "year");
    }

    /// <summary>A time to wait for in at most two units: <c>11s</c>, <c>3m12s</c>, <c>1h05m</c>.</summary>
    public static string Duration(TimeSpan time) =>
        time >= TimeSpan.FromHours(100) ? "99h+"
        : time >= TimeSpan.FromHours(1) ? $"{(int)time.TotalHours}h{time.Minutes:D2}m"
        : time >= TimeSpan.FromMinutes(1) ? $"{time.Minutes}m{time.Seconds:D2}s"
        : $"{(int)Math.Ceiling(time.TotalSeconds)}s";

    /// <summary>A number that ends with K or M where it is a whole multiple of 1024: <c>4K</c>, <c>128K</c>, <c>1M</c>.</summary>
    public static string Tokens(long tokens) => tokens switch
    {
        >= 1 << 20 when tokens % (1 << 20) == 0 => $"{tokens >> 20}M",
        >= 1 << 10 when tokens % (1 << 10) == 0 => $"{tokens >> 10}K",
        _ => tokens.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>How many of something there are: <c>1 model</c>, <c>3 models</c>.</summary>
    public static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    private static string Ago(double number, string unit) => $"{Count((long)number, unit)} ago";
}
