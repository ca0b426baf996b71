namespace Hearth.Engine.Models;

/// <summary>Reads the rotary entries, whose names all architectures share.</summary>
internal static class RopeConfigReader
{
    public static RopeConfig Read(ConfigReader reader, int keyLength, int contextLength)
    {
        int dimensions = reader.OptionalCount("rope.dimension_count", minimum: 0, maximum: keyLength) ?? keyLength;
        if (dimensions % 2 != 0)
        {
            throw ModelException.InvalidMetadata($"{reader.Architecture}.rope.dimension_count", $"{dimensions}", "an even number");
        }

        // Absent means linear; a factor of 1 then makes it no scaling. 'scale_linear' is the entry's name in old files.
        string kind = reader.OptionalText("rope.scaling.type") ?? "linear";
        float factor = reader.OptionalNumber("rope.scaling.factor", 0, 1e6) ?? reader.OptionalNumber("rope.scale_linear", 0, 1e6) ?? 0;
        return new RopeConfig
        {
            DimensionCount = dimensions,
            FrequencyBase = reader.OptionalNumber("rope.freq_base", 1e-3, 1e12) ?? 10_000,
            Scaling = kind switch
            {
                "none" => RopeScalingKind.None,
                "linear" => factor is 0 or 1 ? RopeScalingKind.None : RopeScalingKind.Linear,
                "yarn" => RopeScalingKind.Yarn,
                "longrope" => RopeScalingKind.LongRope,
                _ => throw ModelException.UnsupportedFeature(reader.Architecture, $"rope scaling of type '{kind}'"),
            },
            Factor = factor == 0 ? 1 : factor,
            OriginalContextLength = reader.OptionalCount("rope.scaling.original_context_length", maximum: int.MaxValue) ?? contextLength,
            AttentionFactor = reader.OptionalNumber("rope.scaling.attn_factor", 0, 1e6) ?? 1,
            BetaFast = reader.OptionalNumber("rope.scaling.yarn_beta_fast", 0, 1e6) ?? 32,
            BetaSlow = reader.OptionalNumber("rope.scaling.yarn_beta_slow", 0, 1e6) ?? 1,
            LogMultiplier = reader.OptionalNumber("rope.scaling.yarn_log_multiplier", -1e6, 1e6) ?? 0,
        };
    }
}
