using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Tests.Models.Synthesis;

namespace Hearth.Engine.Tests.Models;

/// <summary>Headers that make no sense for their family, or ask it for what it does not run.</summary>
public sealed class FamilyRefusalTests
{
    [Theory]
    [InlineData("baichuan", "3 layers", "block_count", 3)]
    [InlineData("cohere2", "sliding_window", "logit_scale", 1f)]
    [InlineData("cohere2", "logit_scale", "attention.sliding_window", 8)]
    [InlineData("cohere2", "sliding_window", "attention.sliding_window", 0)]
    [InlineData("gptneox", "use_parallel_residual", "block_count", 2)]
    [InlineData("granite", "logit_scale", "logit_scale", 0f)]
    [InlineData("granitemoe", "logit_scale", "block_count", 2)]
    [InlineData("refact", "mixture of experts", "expert_count", 4)]
    [InlineData("qwen3", "at least one of each", "attention.head_count", 0)]
    [InlineData("bloom", "at least one of each", "attention.head_count_kv", 0)]
    [InlineData("gpt2", "feed_forward_length", "feed_forward_length", 0)]
    [InlineData("qwen", "feed_forward_length", "feed_forward_length", 1)]
    [InlineData("falcon", "head_count", "attention.head_count_kv", 3)]
    [InlineData("phi3", "dimension_count", "rope.dimension_count", 7)]
    public void Header_IsRefusedByName(string architecture, string part, string key, object value)
    {
        ModelException error = Assert.Throws<ModelException>(() => Compose(architecture, (key, Value(value)), ("expert_used_count", 1)));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FourthSectionOfQwen2Vl_IsRefused()
    {
        ModelException error = Assert.Throws<ModelException>(() => Compose("qwen2vl", ("rope.dimension_sections", (int[])[2, 2, 2, 2])));

        Assert.Equal(ModelErrorKind.UnsupportedFeature, error.Kind);
    }

    [Fact]
    public void Qwen2Vl_NeedsNoEpsilon()
    {
        ModelCase model = new("epsilon", "qwen2vl") { Entries = [("rope.dimension_sections", (int[])[2, 3, 3, 0])] };

        (ModelBuilder builder, _) = ModelFamily.Compose(model.Metadata(), new RecordingWeightSource(model));

        Assert.Equal(1e-6f, builder.Config.NormEpsilon);
    }

    [Theory]
    [InlineData("gpt2", 128)]
    [InlineData("starcoder", 128)]
    [InlineData("starcoder2", null)]
    public void TableOfPositions_LimitsTheContext(string architecture, int? positions)
    {
        ModelCase model = new("positions", architecture) { Entries = [("attention.layer_norm_epsilon", 1e-5f)], With = ["*.bias", "*attn_qkv.weight"] };

        (_, DecoderDefinition definition) = ModelFamily.Compose(model.Metadata(), new RecordingWeightSource(model));

        Assert.Equal(positions, definition.PositionCount);
    }

    private static GgufValue Value(object value) => value is float number ? number : (GgufValue)(int)value;

    private static void Compose(string architecture, params (string Key, GgufValue Value)[] entries)
    {
        ModelCase model = new("refusal", architecture)
        {
            Entries = [("attention.layer_norm_epsilon", 1e-5f), ("attention.layer_norm_rms_epsilon", 1e-5f), .. entries],
            With = ["*.bias", "*attn_qkv.weight"],
        };
        ModelFamily.Compose(model.Metadata(), new RecordingWeightSource(model));
    }
}
