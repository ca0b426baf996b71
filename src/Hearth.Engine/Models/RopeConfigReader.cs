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

        // 'scale_linear' is the entry's name in old files. A factor of 0 means that there is none.
        float? factor = reader.OptionalNumber("rope.scaling.factor", 0, 1e6) ?? reader.OptionalNumber("rope.scale_linear", 0, 1e6);
        int? originalContextLength = reader.OptionalCount("rope.scaling.original_context_length", minimum: 0, maximum: int.MaxValue);
        RopeScalingKind scaling = ReadScaling(reader, factor ?? 0, out float extrapolation);
        return new RopeConfig
        {
            DimensionCount = dimensions,
            FrequencyBase = ReadBase(reader, keyLength),
            Scaling = scaling,
            Factor = factor is float found and not 0 ? found : 1,
            OriginalContextLength = originalContextLength is int length and not 0 ? length : contextLength,
            AttentionFactor = ReadAttentionFactor(reader, scaling),
            ExtrapolationFactor = extrapolation,
            BetaFast = reader.OptionalNumber("rope.scaling.yarn_beta_fast", 0, 1e6) ?? 32,
            BetaSlow = reader.OptionalNumber("rope.scaling.yarn_beta_slow", 0, 1e6) ?? 1,
            LogMultiplier = reader.OptionalNumber("rope.scaling.yarn_log_multiplier", -1e6, 1e6) ?? 0,
        };
    }

    // An absent type means linear, which a factor of 1 makes none.
    private static RopeScalingKind ReadScaling(ConfigReader reader, float factor, out float extrapolation)
    {
        string kind = reader.OptionalText("rope.scaling.type") ?? "linear";
        RopeScalingKind linear = factor is 0 or 1 ? RopeScalingKind.None : RopeScalingKind.Linear;
        RopeScalingKind scaling = kind switch
        {
            "none" => RopeScalingKind.None,
            "linear" => linear,
            "yarn" => RopeScalingKind.Yarn,
            "longrope" => RopeScalingKind.LongRope,
            _ => throw ModelException.UnsupportedFeature(reader.Architecture, $"rope scaling of type '{kind}'"),
        };

        // Below 0 stands for the type's own: 1 with YaRN and 0 otherwise. YaRN that extrapolates nothing is linear.
        float? stated = reader.OptionalNumber("rope.scaling.yarn_ext_factor", -1e6, 1e6) is float found and >= 0 ? found : null;
        extrapolation = stated ?? 1;
        return (scaling, stated) switch
        {
            (RopeScalingKind.Yarn, 0) => linear,
            (RopeScalingKind.LongRope, > 0) => throw ModelException.UnsupportedFeature(reader.Architecture, "LongRoPE with YaRN's extrapolation"),
            (RopeScalingKind.Linear, > 0) => RopeScalingKind.Yarn,
            _ => scaling,
        };
    }

    // "NTK-aware" scaling spreads the base instead of the angles: base * alpha^(d / (d - 2)).
    private static float ReadBase(ConfigReader reader, int keyLength)
    {
        float frequencyBase = reader.OptionalNumber("rope.freq_base", 1e-3, 1e12) ?? 10_000;
        float alpha = reader.OptionalNumber("rope.scaling.alpha", 0, 1e6) ?? 0;
        return alpha > 0 && keyLength > 2 ? frequencyBase * MathF.Pow(alpha, keyLength / (float)(keyLength - 2)) : frequencyBase;
    }

    private static float ReadAttentionFactor(ConfigReader reader, RopeScalingKind scaling)
    {
        float factor = reader.OptionalNumber("rope.scaling.attn_factor", 0, 1e6) ?? 1;
        float yarn = reader.OptionalNumber("rope.scaling.yarn_attn_factor", 0, 1e6) ?? 1;
        return yarn == 1 || scaling != RopeScalingKind.Yarn
            ? factor * yarn
            : throw ModelException.UnsupportedFeature(reader.Architecture, "YaRN with a magnitude of its own (rope.scaling.yarn_attn_factor)");
    }
}
