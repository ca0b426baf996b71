namespace Hearth.Engine.Models;

/// <summary>How rotary angles are stretched beyond the original context.</summary>
public enum RopeScalingKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>All angles divided by the factor (position interpolation, arXiv:2306.15595).</summary>
    Linear,

    /// <summary>
    /// Each frequency divided by a factor of its own, with one list for short and one for long contexts (LongRoPE, arXiv:2402.13753).
    /// </summary>
    LongRope,

    /// <summary>High frequencies kept, low ones divided (YaRN, arXiv:2309.00071).</summary>
    Yarn,
}

/// <summary>Rotary position embedding as the header describes it.</summary>
public sealed record RopeConfig
{
    /// <summary>Dimensions of a head that are rotated; even.</summary>
    public required int DimensionCount { get; init; }

    /// <summary>The base of the frequencies.</summary>
    public float FrequencyBase { get; init; } = 10_000;

    /// <summary>The kind of scaling.</summary>
    public RopeScalingKind Scaling { get; init; }

    /// <summary>The factor of the scaling, at least 1 in practice.</summary>
    public float Factor { get; init; } = 1;

    /// <summary>Tokens of context before the scaling.</summary>
    public int OriginalContextLength { get; init; }

    /// <summary>A factor of the rotated values on top of YaRN's own.</summary>
    public float AttentionFactor { get; init; } = 1;

    /// <summary>YaRN: the share of a high frequency that is kept.</summary>
    public float ExtrapolationFactor { get; init; } = 1;

    /// <summary>YaRN: rotations over the original context above which a frequency is kept.</summary>
    public float BetaFast { get; init; } = 32;

    /// <summary>YaRN: rotations over the original context below which a frequency is divided.</summary>
    public float BetaSlow { get; init; } = 1;

    /// <summary>YaRN: multiplier of the logarithm in the magnitude's denominator; 0 for the usual magnitude.</summary>
    public float LogMultiplier { get; init; }
}
