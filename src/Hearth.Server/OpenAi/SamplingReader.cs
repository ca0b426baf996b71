using System.Globalization;
using System.Text.Json;
using Hearth.Engine.Sampling;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi;

/// <summary>Reads sampling options: OpenAI's own, and llama.cpp's by its names.</summary>
internal static class SamplingReader
{
    private const int MaxBiases = 4096;

    /// <param name="reader">The request.</param>
    /// <param name="vocabulary">Tokens that there are.</param>
    /// <param name="defaults">What counts where the request says nothing.</param>
    public static SamplingOptions Read(RequestReader reader, int vocabulary, SamplingOptions defaults)
    {
        SamplingOptions options = defaults with
        {
            Temperature = Single(reader, "temperature") ?? defaults.Temperature,
            DynamicTemperatureRange = Single(reader, "dynatemp_range") ?? defaults.DynamicTemperatureRange,
            DynamicTemperatureExponent = Single(reader, "dynatemp_exponent") ?? defaults.DynamicTemperatureExponent,
            TopK = reader.Integer("top_k") ?? defaults.TopK,
            TopP = Single(reader, "top_p") ?? defaults.TopP,
            MinP = Single(reader, "min_p") ?? defaults.MinP,
            TopNSigma = Single(reader, "top_n_sigma") ?? defaults.TopNSigma,
            TypicalP = Single(reader, "typical_p") ?? defaults.TypicalP,
            MinKeep = reader.Integer("min_keep") ?? defaults.MinKeep,
            RepeatLastN = reader.Integer("repeat_last_n") ?? defaults.RepeatLastN,
            RepeatPenalty = Single(reader, "repeat_penalty") ?? defaults.RepeatPenalty,
            PresencePenalty = Single(reader, "presence_penalty") ?? defaults.PresencePenalty,
            FrequencyPenalty = Single(reader, "frequency_penalty") ?? defaults.FrequencyPenalty,
            DryMultiplier = Single(reader, "dry_multiplier") ?? defaults.DryMultiplier,
            DryBase = Single(reader, "dry_base") ?? defaults.DryBase,
            DryAllowedLength = reader.Integer("dry_allowed_length") ?? defaults.DryAllowedLength,
            DryPenaltyLastN = reader.Integer("dry_penalty_last_n") ?? defaults.DryPenaltyLastN,
            XtcProbability = Single(reader, "xtc_probability") ?? defaults.XtcProbability,
            XtcThreshold = Single(reader, "xtc_threshold") ?? defaults.XtcThreshold,
            Mirostat = reader.Integer("mirostat") ?? defaults.Mirostat,
            MirostatTau = Single(reader, "mirostat_tau") ?? defaults.MirostatTau,
            MirostatEta = Single(reader, "mirostat_eta") ?? defaults.MirostatEta,
            IgnoreEndOfGeneration = reader.Flag("ignore_eos") ?? defaults.IgnoreEndOfGeneration,
            Seed = reader.TryGet("seed", out _) ? Seed(reader) : defaults.Seed,
            LogitBias = reader.TryGet("logit_bias", out _) ? Biases(reader, vocabulary) : defaults.LogitBias,
        };
        if (reader.TryGet("dry_sequence_breakers", out _))
        {
            options = options with { DrySequenceBreakers = reader.Texts("dry_sequence_breakers", 64) };
        }

        if (reader.TryGet("samplers", out JsonElement samplers))
        {
            options = options with
            {
                Samplers = samplers.ValueKind == JsonValueKind.String
                    ? SamplerNames.ParseLetters(reader.Text(samplers, "samplers"))
                    : SamplerNames.Parse(reader.Texts("samplers", SamplingOptions.MaximumSamplers)),
            };
        }

        options.Validate();
        return options;
    }

    private static float? Single(RequestReader reader, string name) => (float?)reader.Number(name);

    // Any 64-bit seed is taken; the generator has 32 bits. -1 and 2^32 - 1 mean a random one, as llama.cpp has it.
    private static uint? Seed(RequestReader reader) => reader.Long("seed") is long seed and not (-1 or uint.MaxValue) ? unchecked((uint)(seed ^ (seed >> 32))) : null;

    private static Dictionary<int, float> Biases(RequestReader reader, int vocabulary)
    {
        Dictionary<int, float> biases = [];
        if (!reader.TryGet("logit_bias", out JsonElement value))
        {
            return biases;
        }

        IEnumerable<(string Key, JsonElement Bias)> pairs = value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().Select(property => (property.Name, property.Value)),
            JsonValueKind.Array when value.EnumerateArray().All(IsPair) => value.EnumerateArray().Select(pair => (pair[0].GetRawText(), pair[1])),
            _ => throw reader.Wrong("logit_bias", "an object of token ids and numbers, or an array of such pairs", value),
        };
        foreach ((string key, JsonElement bias) in pairs)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int token) || token >= vocabulary || biases.Count >= MaxBiases)
            {
                throw ApiException.Invalid($"'logit_bias' has the key '{key}'; expected at most {MaxBiases} token ids below {vocabulary}.", "logit_bias", "invalid_value");
            }

            biases[token] = bias switch
            {
                { ValueKind: JsonValueKind.False } => float.NegativeInfinity,
                { ValueKind: JsonValueKind.Number } number when number.GetDouble() is >= -100 and <= 100 => (float)number.GetDouble(),
                _ => throw ApiException.Invalid($"'logit_bias' of token {token} must be a number from -100 to 100, or false for never.", "logit_bias", "invalid_value"),
            };
        }

        return biases;
    }

    // As llama-server has it.
    private static bool IsPair(JsonElement pair) => pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2 && pair[0].ValueKind == JsonValueKind.Number;
}
