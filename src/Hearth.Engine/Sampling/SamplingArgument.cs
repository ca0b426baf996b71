using System.Globalization;
using System.Text.Json;

namespace Hearth.Engine.Sampling;

/// <summary>A sampling option by llama.cpp's name: on the command line as <c>--NAME</c>, in a chat as <c>/set NAME</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Apply">The options with the value that a text means.</param>
/// <param name="Show">The value in force.</param>
public sealed record SamplingArgument(string Name, string Description, Func<SamplingOptions, string, SamplingOptions> Apply, Func<SamplingOptions, string> Show)
{
    private static readonly Dictionary<string, string> s_names = new()
    {
        [nameof(SamplingOptions.Temperature)] = "temp",
        [nameof(SamplingOptions.DynamicTemperatureRange)] = "dynatemp-range",
        [nameof(SamplingOptions.DynamicTemperatureExponent)] = "dynatemp-exp",
        [nameof(SamplingOptions.TopNSigma)] = "top-nsigma",
        [nameof(SamplingOptions.TypicalP)] = "typical",
        [nameof(SamplingOptions.MirostatTau)] = "mirostat-ent",
        [nameof(SamplingOptions.MirostatEta)] = "mirostat-lr",
        [nameof(SamplingOptions.DrySequenceBreakers)] = "dry-sequence-breaker",
    };

    /// <summary>Every option, in the order in which help shows them.</summary>
    public static IReadOnlyList<SamplingArgument> All { get; } =
    [
        Number("temp", "Temperature; 0 always takes the likeliest token", (o, v) => o with { Temperature = v }, o => o.Temperature),
        Integer("top-k", "Keep the K likeliest tokens; 0 for all", (o, v) => o with { TopK = v }, o => o.TopK),
        Number("top-p", "Keep the likeliest tokens up to this probability together; 1 for all", (o, v) => o with { TopP = v }, o => o.TopP),
        Number("min-p", "Keep tokens at least this likely compared with the likeliest; 0 for all", (o, v) => o with { MinP = v }, o => o.MinP),
        Number("top-nsigma", "Keep logits within this many standard deviations of the highest; -1 for all", (o, v) => o with { TopNSigma = v }, o => o.TopNSigma),
        Number("typical", "Locally typical sampling up to this probability; 1 for all", (o, v) => o with { TypicalP = v }, o => o.TypicalP),
        new("seed", "Seed of the random numbers; -1 for a random one", (o, text) => o with { Seed = ParseSeed(text) }, o => o.Seed is uint seed ? Text(seed) : "-1"),
        Integer("repeat-last-n", "Tokens that the penalties look back; 0 for none, -1 for the whole context", (o, v) => o with { RepeatLastN = v }, o => o.RepeatLastN),
        Number("repeat-penalty", "Penalty of repeated tokens; 1 for none", (o, v) => o with { RepeatPenalty = v }, o => o.RepeatPenalty),
        Number("presence-penalty", "Penalty of tokens that have occurred; 0 for none", (o, v) => o with { PresencePenalty = v }, o => o.PresencePenalty),
        Number("frequency-penalty", "Penalty per occurrence; 0 for none", (o, v) => o with { FrequencyPenalty = v }, o => o.FrequencyPenalty),
        Number("dry-multiplier", "Strength of the penalty of repeated passages (DRY); 0 for none", (o, v) => o with { DryMultiplier = v }, o => o.DryMultiplier),
        Number("dry-base", "Base of the DRY penalty", (o, v) => o with { DryBase = v }, o => o.DryBase),
        Integer("dry-allowed-length", "Length of a repeat that DRY allows", (o, v) => o with { DryAllowedLength = v }, o => o.DryAllowedLength),
        Integer("dry-penalty-last-n", "Tokens that DRY looks back", (o, v) => o with { DryPenaltyLastN = v }, o => o.DryPenaltyLastN),
        new(
            "dry-sequence-breaker",
            "Texts that end a passage for DRY, separated by commas (\\n for a new line); none for no such text",
            (o, text) => o with { DrySequenceBreakers = text == "none" ? [] : [.. text.Split(',').Select(part => part.Replace("\\n", "\n", StringComparison.Ordinal))] },
            o => string.Join(',', o.DrySequenceBreakers).Replace("\n", "\\n", StringComparison.Ordinal)),
        Number("xtc-probability", "Chance that XTC leaves the likeliest tokens out; 0 for never", (o, v) => o with { XtcProbability = v }, o => o.XtcProbability),
        Number("xtc-threshold", "Probability from which a token counts as likely for XTC", (o, v) => o with { XtcThreshold = v }, o => o.XtcThreshold),
        Number("dynatemp-range", "Range of the dynamic temperature; 0 for a fixed one", (o, v) => o with { DynamicTemperatureRange = v }, o => o.DynamicTemperatureRange),
        Number("dynatemp-exp", "Exponent of the dynamic temperature", (o, v) => o with { DynamicTemperatureExponent = v }, o => o.DynamicTemperatureExponent),
        Integer("mirostat", "2 for Mirostat 2.0 in place of the other samplers; 0 for none", (o, v) => o with { Mirostat = v }, o => o.Mirostat),
        Number("mirostat-ent", "Mirostat's target entropy, tau", (o, v) => o with { MirostatTau = v }, o => o.MirostatTau),
        Number("mirostat-lr", "Mirostat's learning rate, eta", (o, v) => o with { MirostatEta = v }, o => o.MirostatEta),
        Integer("min-keep", "Tokens that the samplers keep at least", (o, v) => o with { MinKeep = v }, o => o.MinKeep),
        new("logit-bias", "TOKEN+BIAS or TOKEN-BIAS, several separated by commas", (o, text) => o with { LogitBias = ParseBiases(text) }, ShowBiases),
        new("ignore-eos", "true to go on past the end of the answer", (o, text) => o with { IgnoreEndOfGeneration = ParseFlag(text) }, o => o.IgnoreEndOfGeneration ? "true" : "false"),
        new(
            "samplers",
            "The samplers in order, separated by semicolons",
            (o, text) => o with { Samplers = SamplerNames.Parse(text.Split(';', StringSplitOptions.RemoveEmptyEntries)) },
            o => string.Join(';', o.Samplers.Select(SamplerNames.ToName))),
    ];

    /// <summary>The name here of a property of <see cref="SamplingOptions"/>.</summary>
    public static string NameOf(string property) =>
        s_names.TryGetValue(property, out string? name) ? name : JsonNamingPolicy.KebabCaseLower.ConvertName(property);

    private static SamplingArgument Number(string name, string description, Func<SamplingOptions, float, SamplingOptions> set, Func<SamplingOptions, float> get) => new(
        name,
        description,
        (options, text) => set(options, float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value : throw new SamplingOptionException(name, $"'{text}'", "a number")),
        options => get(options).ToString(CultureInfo.InvariantCulture));

    private static SamplingArgument Integer(string name, string description, Func<SamplingOptions, int, SamplingOptions> set, Func<SamplingOptions, int> get) => new(
        name,
        description,
        (options, text) => set(options, int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : throw new SamplingOptionException(name, $"'{text}'", "a whole number")),
        options => Text(get(options)));

    private static uint? ParseSeed(string text) => text is "-1" or "4294967295" ? null
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint seed) ? seed
        : throw new SamplingOptionException("seed", $"'{text}'", $"-1, or 0 to {uint.MaxValue}");

    private static bool ParseFlag(string text) => text switch
    {
        "true" or "on" or "1" => true,
        "false" or "off" or "0" => false,
        _ => throw new SamplingOptionException("ignore-eos", $"'{text}'", "true or false"),
    };

    private static Dictionary<int, float> ParseBiases(string text)
    {
        Dictionary<int, float> biases = [];
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int sign = part.IndexOfAny(['+', '-'], 1);
            if (sign < 0
                || !int.TryParse(part.AsSpan(0, sign), NumberStyles.None, CultureInfo.InvariantCulture, out int token)
                || !TryParseBias(part.AsSpan(sign), out float bias))
            {
                throw new SamplingOptionException("logit-bias", $"'{part}'", "TOKEN+BIAS or TOKEN-BIAS, for example 15+1.5 or 15-inf");
            }

            biases[token] = bias;
        }

        return biases;
    }

    private static bool TryParseBias(ReadOnlySpan<char> text, out float bias)
    {
        bias = float.NegativeInfinity;
        return text is "-inf" || float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out bias);
    }

    private static string ShowBiases(SamplingOptions options) => options.LogitBias is null ? string.Empty
        : string.Join(',', options.LogitBias.Select(bias => float.IsNegativeInfinity(bias.Value) ? $"{bias.Key}-inf" : $"{bias.Key}{bias.Value.ToString("+0.###;-0.###", CultureInfo.InvariantCulture)}"));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
