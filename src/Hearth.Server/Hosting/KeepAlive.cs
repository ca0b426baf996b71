using System.Globalization;
using System.Text.RegularExpressions;

namespace Hearth.Server.Hosting;

/// <summary>How long a model stays loaded after its last request, in the forms that Ollama and Docker Model Runner take.</summary>
public static partial class KeepAlive
{
    /// <summary>What a model that nothing is said of gets.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(5);

    /// <summary>For ever.</summary>
    public static readonly TimeSpan Forever = Timeout.InfiniteTimeSpan;

    // Longer times overflow a date, or the system's timers.
    private const double MaxSeconds = 49 * 24 * 3600;

    /// <summary>Reads a duration: <c>5m</c>, <c>1h30m</c>, <c>500ms</c>, seconds without a unit, 0 for none, anything negative for ever.</summary>
    /// <exception cref="FormatException">It is not one; the message says what is expected.</exception>
    public static TimeSpan Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && double.IsFinite(seconds))
        {
            return FromSeconds(seconds);
        }

        Match match = DurationPattern().Match(text);
        if (!match.Success)
        {
            throw new FormatException($"'{text}' is not a duration; expected 5m, 1h30m, 30s, a number of seconds, 0 to unload at once, or -1 to stay loaded.");
        }

        CaptureCollection units = match.Groups["unit"].Captures;
        double total = match.Groups["number"].Captures.Select((number, index) =>
            double.Parse(number.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * SecondsOf(units[index].Value)).Sum();
        return FromSeconds(match.Groups["sign"].Value == "-" ? -total : total);
    }

    /// <summary>A number of seconds; for ever when it is negative.</summary>
    public static TimeSpan FromSeconds(double seconds) => seconds < 0 || seconds > MaxSeconds ? Forever : TimeSpan.FromSeconds(seconds);

    /// <summary>The duration as <see cref="Parse"/> reads it.</summary>
    public static string Format(TimeSpan keepAlive) => keepAlive == Forever ? "-1"
        : keepAlive == TimeSpan.Zero ? "0"
        : keepAlive.Ticks % TimeSpan.TicksPerHour == 0 ? $"{keepAlive.TotalHours}h"
        : keepAlive.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{keepAlive.TotalMinutes}m"
        : string.Create(CultureInfo.InvariantCulture, $"{keepAlive.TotalSeconds}s");

    private static double SecondsOf(string unit) => unit switch
    {
        "h" => 3600,
        "m" => 60,
        "s" => 1,
        "ms" => 1e-3,
        "ns" => 1e-9,
        _ => 1e-6,
    };

    // As Go writes durations.
    [GeneratedRegex(@"^(?<sign>[-+]?)((?<number>\d+(\.\d*)?|\.\d+)(?<unit>h|ms|m|s|us|µs|μs|ns))+$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex DurationPattern();
}
