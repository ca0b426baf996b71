using System.Globalization;
using System.Text.Json.Nodes;
using Hearth.Engine.Sampling;

namespace Hearth.Server.Ui.Chat;

/// <summary>Something that can be set for answers, with its meaning in a line.</summary>
/// <param name="Name">The request's field.</param>
/// <param name="Label">What people call it.</param>
/// <param name="Meaning">What it does.</param>
/// <param name="Default">What counts where nothing is set.</param>
internal sealed record SettingField(string Name, string Label, string Meaning, Func<SamplingOptions, string> Default)
{
    /// <summary>The step of the number; null for any.</summary>
    public string Step { get; init; } = "any";

    /// <summary>Those that most people look for.</summary>
    public static IReadOnlyList<SettingField> Common { get; } =
    [
        new("temperature", "Temperature", "How daring the choice of words is; 0 takes the likeliest every time.", options => Text(options.Temperature)),
        new("top_p", "Top-p", "Only the likeliest tokens that together reach this share; 1 for all.", options => Text(options.TopP)),
        new("top_k", "Top-k", "Only this many of the likeliest tokens; 0 for all.", options => Text(options.TopK)) { Step = "1" },
        new("min_p", "Min-p", "Only tokens at least this share as likely as the likeliest; 0 for all.", options => Text(options.MinP)),
        new("max_tokens", "Most tokens", "Where an answer is cut off; empty for as many as the context holds.", _ => "no limit") { Step = "1" },
        new("seed", "Seed", "The same seed gives the same answer; empty draws one.", options => options.Seed is uint seed ? Text(seed) : "random") { Step = "1" },
    ];

    /// <summary>The others.</summary>
    public static IReadOnlyList<SettingField> More { get; } =
    [
        new("repeat_penalty", "Repeat penalty", "Makes tokens of the last words less likely; 1 for not at all.", options => Text(options.RepeatPenalty)),
        new("repeat_last_n", "Repeat window", "How many of the last tokens the penalties look at; -1 for all.", options => Text(options.RepeatLastN)) { Step = "1" },
        new("presence_penalty", "Presence penalty", "Taken off the score of a token that was there already.", options => Text(options.PresencePenalty)),
        new("frequency_penalty", "Frequency penalty", "Taken off once for each time that it was there.", options => Text(options.FrequencyPenalty)),
        new("typical_p", "Typical-p", "Only tokens about as surprising as expected, up to this share; 1 for all.", options => Text(options.TypicalP)),
        new("top_n_sigma", "Top-n-sigma", "Only scores within so many standard deviations of the best; -1 for all.", options => Text(options.TopNSigma)),
        new("xtc_probability", "XTC chance", "How often the likeliest tokens are left out, for surprise; 0 for never.", options => Text(options.XtcProbability)),
        new("xtc_threshold", "XTC threshold", "How likely a token must be for that.", options => Text(options.XtcThreshold)),
        new("dry_multiplier", "DRY strength", "Punishes going on with a phrase that was there before; 0 for not at all.", options => Text(options.DryMultiplier)),
        new("mirostat", "Mirostat", "Holds the surprise steady, 1 or 2, instead of the limits above; 0 for off.", options => Text(options.Mirostat)) { Step = "1" },
        new("mirostat_tau", "Mirostat target", "The surprise that it aims at, in bits.", options => Text(options.MirostatTau)),
    ];

    /// <summary>What is set, as text; empty for nothing.</summary>
    public string Of(JsonObject settings) => settings[Name]?.ToJsonString() ?? string.Empty;

    /// <summary>Sets it; an empty text lets the default count.</summary>
    public void Set(JsonObject settings, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            settings.Remove(Name);
        }
        else
        {
            settings[Name] = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? whole
                : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number
                : (JsonNode)text;
        }
    }

    private static string Text(float value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
