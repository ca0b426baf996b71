using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// DeepSeek V2, V3 and R1, Kimi K2, GLM 4.7 Flash, Mistral Large 3 and Mistral 4: multi-head latent attention, then dense networks in the
/// first layers and shared and routed experts in the others.
/// </summary>
internal sealed class DeepSeek2Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["deepseek2", "mistral4"];

    protected override ModelDescription Describe(ModelBuilder builder)
    {
        int length = builder.Header.OptionalCount("attention.temperature_length", maximum: int.MaxValue) ?? builder.Config.Rope.OriginalContextLength;
        return new ModelDescription { QueryScale = GrowingQueries(builder, length) };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        // Files hold a tenth of the multiplier, which moves YaRN's magnitude from the angles to the scores.
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(rope.LogMultiplier == 0 ? rope : rope with { LogMultiplier = 1 });
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Experts = layer < DenseLayers(builder) ? null : SharedAndRoutedExperts(builder) };
    }

    protected override Block Mixer(ModelBuilder builder, int layer, LayerDescription description)
    {
        LatentAttentionDescription attention = LatentAttentionConfig.Read(builder, layer);
        RopeConfig rope = builder.Config.Rope;
        double logarithm = rope.Scaling == RopeScalingKind.None ? 0 : Math.Log(rope.Factor);
        double magnitude = rope.AttentionFactor * (1 + (0.1 * 10 * rope.LogMultiplier * logarithm));
        if (rope.LogMultiplier == 0 || rope.Scaling != RopeScalingKind.Yarn)
        {
            magnitude *= 1 + (0.1 * logarithm);
        }

        return new LatentAttentionBlock(builder, layer, attention with { Scale = (float)(magnitude * magnitude * attention.Scale), ScaleQueries = true });
    }
}
