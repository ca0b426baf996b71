using Hearth.Engine.Gguf;
using Hearth.Engine.Models;

namespace Hearth.Engine.Tests.Models;

/// <summary>Rotary angles far beyond the original context, against the formulas of their papers written out here.</summary>
public sealed class RopeTableTests
{
    private const int Dimensions = 64;
    private const double Base = 10_000;
    private const int Original = 4096;

    public static TheoryData<int> Positions => [0, 1, 4095, 4096, 100_000, 1_048_575];

    [Theory]
    [MemberData(nameof(Positions))]
    public void Linear_DividesPositions(int position)
    {
        RopeTable table = new(Config() with { Scaling = RopeScalingKind.Linear, Factor = 8, AttentionFactor = 1.5f });

        AssertAngles(table, position, pair => position / 8.0 * Frequency(pair), 1.5);
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public void None_IgnoresTheFactor(int position) => AssertAngles(new RopeTable(Config() with { Factor = 8 }), position, pair => position * Frequency(pair), 1);

    [Theory]
    [MemberData(nameof(Positions))]
    public void Yarn_KeepsFastFrequenciesAndDividesSlowOnes(int position)
    {
        const double Factor = 16;
        RopeTable table = new(Config() with { Scaling = RopeScalingKind.Yarn, Factor = (float)Factor });

        // Pairs that turn more often than 32 times over the original context, and less than once, frame the ramp; its ends are whole numbers.
        double low = Math.Floor(PairOfRotations(32));
        double high = Math.Ceiling(PairOfRotations(1));
        AssertAngles(
            table,
            position,
            pair =>
            {
                double divided = Math.Clamp((pair - low) / (high - low), 0, 1);
                return position * Frequency(pair) * ((1 - divided) + (divided / Factor));
            },
            1 + (0.1 * Math.Log(Factor)));
        Assert.True(low > 0 && high < Dimensions / 2);
    }

    [Fact]
    public void Yarn_WithHalfTheExtrapolation_KeepsHalfOfFastFrequencies()
    {
        RopeTable table = new(Config() with { Scaling = RopeScalingKind.Yarn, Factor = 4, ExtrapolationFactor = 0.5f });
        float[] cosines = new float[table.Pairs];
        float[] sines = new float[table.Pairs];

        table.Write(1, cosines, sines);

        Assert.Equal(0.5 + (0.5 / 4), Math.Atan2(sines[0], cosines[0]), 1e-6);
    }

    [Theory]
    [InlineData(1f, 1.0)]
    [InlineData(0.5f, 1.277258872223978 / 1.138629436111989)]
    public void Yarn_WithALogMultiplier_DividesTheMagnitudes(float multiplier, double expected)
    {
        RopeTable table = new(Config() with { Scaling = RopeScalingKind.Yarn, Factor = 16, LogMultiplier = multiplier });
        float[] cosines = new float[table.Pairs];
        float[] sines = new float[table.Pairs];

        table.Write(0, cosines, sines);

        Assert.All(cosines, cosine => Assert.Equal(expected, cosine, 1e-6));
    }

    [Theory]
    [InlineData(Original, 2)]
    [InlineData(Original + 1, 5)]
    public void LongRope_ChoosesTheFactorsByTheContextInForce(int context, int divisor)
    {
        float[] shortFactors = [.. Enumerable.Repeat(2f, Dimensions / 2)];
        float[] longFactors = [.. Enumerable.Repeat(5f, Dimensions / 2)];
        RopeTable table = new(Config() with { Scaling = RopeScalingKind.LongRope, AttentionFactor = 1.19f }, shortFactors, longFactors);

        table.UseContext(context);

        // Once for all positions: those before the original context's end turn by the long factors too.
        AssertAngles(table, 17, pair => 17 * Frequency(pair) / divisor, 1.19f);
        AssertAngles(table, 100_000, pair => 100_000 * Frequency(pair) / divisor, 1.19f);
    }

    [Fact]
    public void Llama3_DividesByTheFilesFactors()
    {
        // Llama 3.1: factor 8, low 1, high 4, 8192 tokens before; the rule that converters bake into rope_freqs.
        double Rule(int pair)
        {
            double wavelength = 2 * Math.PI / Frequency(pair);
            double smooth = Math.Clamp(((8192 / wavelength) - 1) / (4 - 1), 0, 1);
            return 1 / (((1 - smooth) / 8) + smooth);
        }

        float[] divisors = [.. Enumerable.Range(0, Dimensions / 2).Select(pair => (float)Rule(pair))];
        RopeTable table = new(Config(), divisors, divisors);
        table.UseContext(131_072);

        AssertAngles(table, 131_071, pair => 131_071 * Frequency(pair) / divisors[pair], 1);
        Assert.Equal(1, divisors[0]);
        Assert.Equal(8, divisors[^1]);
    }

    [Theory]
    [InlineData("dynamic")]
    [InlineData("su")]
    [InlineData("")]
    public void UnknownScaling_IsRefusedByName(string type) => Assert.Contains($"'{type}'", Refusal(("rope.scaling.type", type)), StringComparison.Ordinal);

    [Fact]
    public void LongRopeThatExtrapolates_IsRefused() =>
        Assert.Contains("LongRoPE", Refusal(("rope.scaling.type", "longrope"), ("rope.scaling.yarn_ext_factor", 1f)), StringComparison.Ordinal);

    [Fact]
    public void YarnWithAMagnitudeOfItsOwn_IsRefused() =>
        Assert.Contains("yarn_attn_factor", Refusal(("rope.scaling.type", "yarn"), ("rope.scaling.yarn_attn_factor", 1.5f)), StringComparison.Ordinal);

    [Theory]
    [InlineData("yarn", -1f, RopeScalingKind.Yarn)]
    [InlineData("yarn", 0f, RopeScalingKind.Linear)]
    [InlineData("yarn", 0.5f, RopeScalingKind.Yarn)]
    [InlineData("linear", 1f, RopeScalingKind.Yarn)]
    [InlineData("linear", -1f, RopeScalingKind.Linear)]
    [InlineData("none", 1f, RopeScalingKind.None)]
    public void Extrapolation_DecidesWhatYarnIs(string type, float extrapolation, RopeScalingKind expected)
    {
        RopeConfig config = Read(("rope.scaling.type", type), ("rope.scaling.factor", 4f), ("rope.scaling.yarn_ext_factor", extrapolation));

        Assert.Equal(expected, config.Scaling);
        Assert.Equal(extrapolation < 0 ? 1 : extrapolation, config.ExtrapolationFactor);
    }

    [Fact]
    public void YarnsMagnitude_CountsWithoutExtrapolation()
    {
        RopeConfig config = Read(
            ("rope.scaling.type", "yarn"),
            ("rope.scaling.yarn_ext_factor", 0f),
            ("rope.scaling.yarn_attn_factor", 1.5f),
            ("rope.scaling.attn_factor", 2f));

        Assert.Equal(3, config.AttentionFactor);
    }

    [Fact]
    public void Alpha_SpreadsTheBase() => Assert.Equal(Base * Math.Pow(10, 64.0 / 62), Read(("rope.scaling.alpha", 10f)).FrequencyBase, 0.1);

    [Fact]
    public void OriginalContextOfZero_IsTheModels() => Assert.Equal(512, Read(("rope.scaling.original_context_length", 0u)).OriginalContextLength);

    private static RopeConfig Config() => new() { DimensionCount = Dimensions, FrequencyBase = (float)Base, OriginalContextLength = Original };

    private static double Frequency(int pair) => Math.Pow(Base, -2.0 * pair / Dimensions);

    // The pair whose frequency turns this often over the original context.
    private static double PairOfRotations(double rotations) => Dimensions / 2.0 * Math.Log(Original / (2 * Math.PI * rotations), Base);

    private static void AssertAngles(RopeTable table, int position, Func<int, double> angle, double magnitude)
    {
        float[] cosines = new float[table.Pairs];
        float[] sines = new float[table.Pairs];
        table.Write(position, cosines, sines);
        for (int pair = 0; pair < Dimensions / 2; pair++)
        {
            Assert.Equal(magnitude * Math.Cos(angle(pair)), cosines[pair], 1e-6);
            Assert.Equal(magnitude * Math.Sin(angle(pair)), sines[pair], 1e-6);
        }
    }

    private static string Refusal(params (string Key, GgufValue Value)[] entries)
    {
        ModelException error = Assert.Throws<ModelException>(() => Read(entries));
        Assert.Equal(ModelErrorKind.UnsupportedFeature, error.Kind);
        return error.Message;
    }

    private static RopeConfig Read(params (string Key, GgufValue Value)[] entries)
    {
        GgufMetadata metadata = GgufMetadata.FromPairs(entries.Select(entry => KeyValuePair.Create("llama." + entry.Key, entry.Value)));
        return RopeConfigReader.Read(new ConfigReader(metadata, "llama"), Dimensions, 512);
    }
}
