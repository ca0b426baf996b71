using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

public class SamplingOptionsTests
{
    [Fact]
    public void The_defaults_are_valid_and_those_of_llama_cpp()
    {
        var options = new SamplingOptions();
        options.Validate();
        Assert.Equal((0.8f, 0f, 1f), (options.Temperature, options.DynamicTemperatureRange, options.DynamicTemperatureExponent));
        Assert.Equal((40, 0.95f, 0.05f, -1f, 1f), (options.TopK, options.TopP, options.MinP, options.TopNSigma, options.TypicalP));
        Assert.Equal((64, 1f, 0f, 0f),
            (options.RepeatLastN, options.RepeatPenalty, options.PresencePenalty, options.FrequencyPenalty));
        Assert.Equal((0f, 1.75f, 2, 64),
            (options.DryMultiplier, options.DryBase, options.DryAllowedLength, options.DryPenaltyLastN));
        Assert.Equal(["\n", ":", "\"", "*"], options.DrySequenceBreakers);
        Assert.Equal((0f, 0.1f), (options.XtcProbability, options.XtcThreshold));
        Assert.Equal((0, 5f, 0.1f), (options.Mirostat, options.MirostatTau, options.MirostatEta));
        Assert.Equal((0, null, null, false), (options.MinKeep, options.Seed, options.LogitBias, options.IgnoreEndOfGeneration));
    }

    public static TheoryData<string, string, SamplingOptions> Refused() => new()
    {
        { "Temperature", "-1", new() { Temperature = -1 } },
        { "Temperature", "NaN", new() { Temperature = float.NaN } },
        { "Temperature", "Infinity", new() { Temperature = float.PositiveInfinity } },
        { "DynamicTemperatureRange", "-0.1", new() { DynamicTemperatureRange = -0.1f } },
        { "DynamicTemperatureExponent", "NaN", new() { DynamicTemperatureExponent = float.NaN } },
        { "TopK", "-2", new() { TopK = -2 } },
        { "TopP", "1.5", new() { TopP = 1.5f } },
        { "TopP", "-0.1", new() { TopP = -0.1f } },
        { "TopP", "NaN", new() { TopP = float.NaN } },
        { "MinP", "1.1", new() { MinP = 1.1f } },
        { "TopNSigma", "NaN", new() { TopNSigma = float.NaN } },
        { "TypicalP", "2", new() { TypicalP = 2 } },
        { "RepeatLastN", "-2", new() { RepeatLastN = -2 } },
        { "RepeatPenalty", "0", new() { RepeatPenalty = 0 } },
        { "RepeatPenalty", "-1", new() { RepeatPenalty = -1 } },
        { "RepeatPenalty", "1E-45", new() { RepeatPenalty = float.Epsilon } },
        { "RepeatPenalty", "Infinity", new() { RepeatPenalty = float.PositiveInfinity } },
        { "RepeatPenalty", "NaN", new() { RepeatPenalty = float.NaN } },
        { "PresencePenalty", "Infinity", new() { PresencePenalty = float.PositiveInfinity } },
        { "FrequencyPenalty", "NaN", new() { FrequencyPenalty = float.NaN } },
        { "DryMultiplier", "-1", new() { DryMultiplier = -1 } },
        { "DryBase", "0.5", new() { DryBase = 0.5f } },
        { "DryAllowedLength", "-1", new() { DryAllowedLength = -1 } },
        { "DryPenaltyLastN", "-2", new() { DryPenaltyLastN = -2 } },
        { "DrySequenceBreakers", "null", new() { DrySequenceBreakers = null! } },
        { "DrySequenceBreakers", "a list with \"\"", new() { DrySequenceBreakers = ["\n", ""] } },
        { "DrySequenceBreakers", "a list of 129 strings", new() { DrySequenceBreakers = [.. Enumerable.Repeat("a", 129)] } },
        { "XtcProbability", "1.5", new() { XtcProbability = 1.5f } },
        { "XtcThreshold", "-1", new() { XtcThreshold = -1 } },
        { "Mirostat", "3", new() { Mirostat = 3 } },
        { "Mirostat", "-1", new() { Mirostat = -1 } },
        { "MirostatTau", "-1", new() { MirostatTau = -1 } },
        { "MirostatEta", "NaN", new() { MirostatEta = float.NaN } },
        { "MinKeep", "-1", new() { MinKeep = -1 } },
        { "LogitBias", "NaN for token 5", new() { LogitBias = new Dictionary<int, float> { [5] = float.NaN } } },
        { "LogitBias", "Infinity for token 5", new() { LogitBias = new Dictionary<int, float> { [5] = float.PositiveInfinity } } },
        { "LogitBias", "1 for token -5", new() { LogitBias = new Dictionary<int, float> { [-5] = 1 } } },
        { "Samplers", "null", new() { Samplers = null! } },
        { "Samplers", "99", new() { Samplers = [(SamplerKind)99] } },
        { "Samplers", "a list of 65 stages", new() { Samplers = [.. Enumerable.Repeat(SamplerKind.TopK, 65)] } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Values_out_of_range_are_refused_by_name(string option, string value, SamplingOptions options)
    {
        var error = Assert.Throws<SamplingOptionException>(options.Validate);
        Assert.Equal((option, value), (error.Option, error.Value));
        Assert.Equal($"{option} is {value}; expected {error.Expected}.", error.Message);
        Assert.Throws<SamplingOptionException>(() => new Sampler(options, 10));
    }

    public static TheoryData<SamplingOptions> Accepted() =>
    [
        new SamplingOptions { Temperature = 0 },
        new SamplingOptions { Temperature = 100 },
        new SamplingOptions { TopK = -1 },
        new SamplingOptions { TopP = 0, MinP = 1, TypicalP = 0 },
        new SamplingOptions { TopNSigma = -5 },
        new SamplingOptions { RepeatLastN = -1, DryPenaltyLastN = -1 },
        new SamplingOptions { PresencePenalty = -2, FrequencyPenalty = -2 },
        new SamplingOptions { DrySequenceBreakers = [] },
        new SamplingOptions { Samplers = [] },
        new SamplingOptions { Samplers = [SamplerKind.TopK, SamplerKind.TopK] },
        new SamplingOptions { LogitBias = new Dictionary<int, float> { [1] = float.NegativeInfinity } },
    ];

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Values_at_the_edge_are_accepted(SamplingOptions options)
    {
        options.Validate();
        Assert.InRange(new Sampler(options, 10).Sample(new float[10]), 0, 9);
    }

    [Fact]
    public void Surfaces_rename_the_option()
    {
        var error = Assert.Throws<SamplingOptionException>(() => new SamplingOptions { TopP = 1.5f }.Validate());
        Assert.Equal("top_p is 1.5; expected a number from 0 to 1.", error.Rename(SamplingOptionNames.ToRequestField).Message);
        Assert.Equal("--top-p is 1.5; expected a number from 0 to 1.", error.Rename(_ => "--top-p").Message);
    }

    [Theory]
    [InlineData("Temperature", "temperature")]
    [InlineData("DynamicTemperatureRange", "dynatemp_range")]
    [InlineData("DynamicTemperatureExponent", "dynatemp_exponent")]
    [InlineData("TopNSigma", "top_n_sigma")]
    [InlineData("TypicalP", "typical_p")]
    [InlineData("RepeatLastN", "repeat_last_n")]
    [InlineData("DryPenaltyLastN", "dry_penalty_last_n")]
    [InlineData("IgnoreEndOfGeneration", "ignore_eos")]
    [InlineData("LogitBias", "logit_bias")]
    public void Options_have_the_names_of_requests(string property, string field) =>
        Assert.Equal(field, SamplingOptionNames.ToRequestField(property));

    [Fact]
    public void Stages_have_names_and_letters()
    {
        Assert.Equal(SamplingOptions.DefaultSamplers, SamplerNames.ParseLetters("edskypmxt"));
        Assert.Equal(SamplingOptions.DefaultSamplers, SamplerNames.Parse(SamplingOptions.DefaultSamplers.Select(SamplerNames.ToName)));
        Assert.Equal(
            [SamplerKind.TopK, SamplerKind.TypicalP, SamplerKind.Temperature], SamplerNames.Parse([" top-k", "typical", "temp "]));
        var error = Assert.Throws<SamplingOptionException>(() => SamplerNames.Parse(["top_k", "top_x"]));
        Assert.Equal(("Samplers", "top_x"), (error.Option, error.Value));
        Assert.Contains("typ_p, top_p", error.Message, StringComparison.Ordinal);
        Assert.Throws<SamplingOptionException>(() => SamplerNames.ParseLetters("kz"));
    }
}
