namespace Hearth.Engine.Models.Families;

/// <summary>Gemma 2: Gemma with norms after each block, soft caps, and a window in every other layer.</summary>
internal class Gemma2Family : GemmaFamily
{
    private const int LayersOf27B = 46;

    public override IReadOnlyList<string> Architectures { get; } = ["gemma2"];

    /// <summary>The model whose scores are scaled by the width of the embeddings over the heads instead of by the keys'.</summary>
    protected virtual int LayersOfLargest => LayersOf27B;

    protected override ModelDescription Describe(ModelBuilder builder) =>
        base.Describe(builder) with { LogitSoftCap = builder.Header.OptionalNumber("final_logit_softcapping", 0, 1e6) ?? 30 };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = WithPostNorms(base.Describe(builder, layer));
        int window = Window(builder, layer, period: 2, defaultWindow: 4096);
        return description with
        {
            Attention = description.Attention with
            {
                Scale = Scale(builder),
                Window = window,
                Rope = window > 0 ? 1 : 0,
                SoftCap = builder.Header.OptionalNumber("attn_logit_softcapping", 0, 1e6) ?? 50,
            },
        };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(rope, useFactors: false);
        builder.AddRope(rope with { FrequencyBase = builder.Header.OptionalNumber("rope.freq_base_swa", 1e-3, 1e12) ?? rope.FrequencyBase }, useFactors: false);
    }

    /// <summary>The factor of the scores.</summary>
    protected float Scale(ModelBuilder builder)
    {
        ModelConfig config = builder.Config;
        return config.LayerCount == LayersOfLargest && config.HeadCounts[0] > 0
            ? 1 / MathF.Sqrt(config.EmbeddingLength / config.HeadCounts[0])
            : config.AttentionScale;
    }
}
