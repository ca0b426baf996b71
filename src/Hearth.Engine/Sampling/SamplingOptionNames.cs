using System.Text.Json;

namespace Hearth.Engine.Sampling;

/// <summary>The names of <see cref="SamplingOptions"/>' properties on other surfaces.</summary>
public static class SamplingOptionNames
{
    /// <summary>The request field of llama-server (and, where they have it, of OpenAI-compatible servers) for a property.</summary>
    public static string ToRequestField(string property) => property switch
    {
        nameof(SamplingOptions.DynamicTemperatureRange) => "dynatemp_range",
        nameof(SamplingOptions.DynamicTemperatureExponent) => "dynatemp_exponent",
        nameof(SamplingOptions.IgnoreEndOfGeneration) => "ignore_eos",
        _ => JsonNamingPolicy.SnakeCaseLower.ConvertName(property),
    };
}
