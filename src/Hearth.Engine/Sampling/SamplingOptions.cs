namespace Hearth.Engine.Sampling;

/// <summary>
/// How the next token is chosen. The defaults, the order of the stages and the formulas are llama.cpp's; docs/sampling.md states them.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Most stages that <see cref="Samplers"/> may list.</summary>
    public const int MaximumSamplers = 64;

    /// <summary>Most strings that <see cref="DrySequenceBreakers"/> may list.</summary>
    public const int MaximumSequenceBreakers = 128;

    /// <summary>The default order of the stages.</summary>
    public static IReadOnlyList<SamplerKind> DefaultSamplers { get; } =
    [
        SamplerKind.Penalties, SamplerKind.Dry, SamplerKind.TopNSigma, SamplerKind.TopK, SamplerKind.TypicalP, SamplerKind.TopP,
        SamplerKind.MinP, SamplerKind.Xtc, SamplerKind.Temperature,
    ];

    /// <summary>The default sequence breakers of DRY.</summary>
    public static IReadOnlyList<string> DefaultSequenceBreakers { get; } = ["\n", ":", "\"", "*"];

    /// <summary>What logits are divided by; 0 takes the most probable token (but see <see cref="DynamicTemperatureRange"/>).</summary>
    public float Temperature { get; init; } = 0.8f;

    /// <summary>How far the temperature moves with the entropy of the candidates, to either side; 0 = fixed temperature.</summary>
    public float DynamicTemperatureRange { get; init; }

    /// <summary>The power of the normalised entropy in the dynamic temperature.</summary>
    public float DynamicTemperatureExponent { get; init; } = 1f;

    /// <summary>Keep this many tokens; 0 and -1 = all.</summary>
    public int TopK { get; init; } = 40;

    /// <summary>Keep the most probable tokens that together reach this probability; 1 = all.</summary>
    public float TopP { get; init; } = 0.95f;

    /// <summary>Keep the tokens with at least this fraction of the largest probability; 0 = all.</summary>
    public float MinP { get; init; } = 0.05f;

    /// <summary>Keep the logits within this many standard deviations of the largest; 0 and below = all.</summary>
    public float TopNSigma { get; init; } = -1f;

    /// <summary>Keep the locally typical tokens that together pass this probability; 1 = all.</summary>
    public float TypicalP { get; init; } = 1f;

    /// <summary>How many of the last tokens, the prompt's included, the penalties look at; 0 = none, -1 = all.</summary>
    public int RepeatLastN { get; init; } = 64;

    /// <summary>Positive logits of repeated tokens are divided by this and others multiplied; 1 = off.</summary>
    public float RepeatPenalty { get; init; } = 1f;

    /// <summary>Subtracted once from the logit of a repeated token.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted from the logit of a repeated token once per occurrence.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>The strength of DRY; 0 = off.</summary>
    public float DryMultiplier { get; init; }

    /// <summary>The base of DRY's exponential penalty.</summary>
    public float DryBase { get; init; } = 1.75f;

    /// <summary>The longest repetition, in tokens, that DRY lets pass.</summary>
    public int DryAllowedLength { get; init; } = 2;

    /// <summary>How many of the last tokens, the prompt's included, DRY looks at; 0 = none, -1 = all.</summary>
    public int DryPenaltyLastN { get; init; } = 64;

    /// <summary>Strings across which DRY sees no repetition; at most <see cref="DryBreakers.MaximumBytes"/> bytes of UTF-8 each.</summary>
    public IReadOnlyList<string> DrySequenceBreakers { get; init; } = DefaultSequenceBreakers;

    /// <summary>The probability that XTC acts on a token; 0 = off.</summary>
    public float XtcProbability { get; init; }

    /// <summary>XTC excludes all tokens with at least this probability but the least probable; off above 0.5.</summary>
    public float XtcThreshold { get; init; } = 0.1f;

    /// <summary>Mirostat 1 or 2 in place of <see cref="Samplers"/>; 0 = off.</summary>
    public int Mirostat { get; init; }

    /// <summary>The surprise, in bits, that Mirostat aims at.</summary>
    public float MirostatTau { get; init; } = 5f;

    /// <summary>Mirostat's learning rate.</summary>
    public float MirostatEta { get; init; } = 0.1f;

    /// <summary>Fewest tokens that top-p, min-p, typical and XTC leave.</summary>
    public int MinKeep { get; init; }

    /// <summary>The seed of the random numbers; null draws one.</summary>
    public uint? Seed { get; init; }

    /// <summary>Added to the logits of tokens; negative infinity excludes a token.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>Exclude the tokens that end a generation.</summary>
    public bool IgnoreEndOfGeneration { get; init; }

    /// <summary>The stages and their order. A stage that is not listed does not run; one that is listed twice runs twice.</summary>
    public IReadOnlyList<SamplerKind> Samplers { get; init; } = DefaultSamplers;

    /// <summary>Checks every option.</summary>
    /// <exception cref="SamplingOptionException">An option is out of its range; the first one found.</exception>
    public void Validate()
    {
        AtLeast(nameof(Temperature), Temperature, 0);
        AtLeast(nameof(DynamicTemperatureRange), DynamicTemperatureRange, 0);
        AtLeast(nameof(DynamicTemperatureExponent), DynamicTemperatureExponent, 0);
        AtLeast(nameof(TopK), TopK, -1);
        Fraction(nameof(TopP), TopP);
        Fraction(nameof(MinP), MinP);
        Finite(nameof(TopNSigma), TopNSigma);
        Fraction(nameof(TypicalP), TypicalP);
        AtLeast(nameof(RepeatLastN), RepeatLastN, -1);
        Require(float.IsFinite(1 / RepeatPenalty) && RepeatPenalty > 0 && float.IsFinite(RepeatPenalty),
            nameof(RepeatPenalty), RepeatPenalty, "a finite number above 0");
        Finite(nameof(PresencePenalty), PresencePenalty);
        Finite(nameof(FrequencyPenalty), FrequencyPenalty);
        AtLeast(nameof(DryMultiplier), DryMultiplier, 0);
        AtLeast(nameof(DryBase), DryBase, 1);
        AtLeast(nameof(DryAllowedLength), DryAllowedLength, 0);
        AtLeast(nameof(DryPenaltyLastN), DryPenaltyLastN, -1);
        DryBreakers.Validate(DrySequenceBreakers);
        Fraction(nameof(XtcProbability), XtcProbability);
        Fraction(nameof(XtcThreshold), XtcThreshold);
        Require(Mirostat is >= 0 and <= 2, nameof(Mirostat), Mirostat, "0, 1 or 2");
        AtLeast(nameof(MirostatTau), MirostatTau, 0);
        AtLeast(nameof(MirostatEta), MirostatEta, 0);
        AtLeast(nameof(MinKeep), MinKeep, 0);
        ValidateLogitBias();
        ValidateSamplers();
    }

    private void ValidateLogitBias()
    {
        foreach (var (token, bias) in LogitBias ?? new Dictionary<int, float>())
        {
            Require(token >= 0, nameof(LogitBias), $"{bias} for token {token}", "token ids from 0 on");
            Require(float.IsFinite(bias) || float.IsNegativeInfinity(bias),
                nameof(LogitBias), $"{bias} for token {token}", "a finite number or -infinity");
        }
    }

    private void ValidateSamplers()
    {
        Require(Samplers is not null, nameof(Samplers), "null", "a list of stages");
        Require(Samplers!.Count <= MaximumSamplers, nameof(Samplers), $"a list of {Samplers.Count} stages", $"at most {MaximumSamplers}");
        foreach (var kind in Samplers)
        {
            Require(Enum.IsDefined(kind), nameof(Samplers), kind, "known stages");
        }
    }

    private static void AtLeast(string option, float value, float minimum) =>
        Require(float.IsFinite(value) && value >= minimum, option, value, $"a finite number from {minimum} on");

    private static void AtLeast(string option, int value, int minimum) =>
        Require(value >= minimum, option, value, $"a whole number from {minimum} on");

    private static void Fraction(string option, float value) => Require(value is >= 0 and <= 1, option, value, "a number from 0 to 1");

    private static void Finite(string option, float value) => Require(float.IsFinite(value), option, value, "a finite number");

    private static void Require(bool condition, string option, object value, string expected)
    {
        if (!condition)
        {
            throw new SamplingOptionException(option, $"{value}", expected);
        }
    }
}
