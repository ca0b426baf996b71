using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>Granite 4: Mamba-2 and attention layer by layer, scaled like Granite, with shared experts beside the routed ones.</summary>
internal sealed class GraniteHybridFamily : HybridFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["granitehybrid"];

    protected override ModelDescription Describe(ModelBuilder builder) => new()
    {
        EmbeddingScale = Scale(builder, "embedding_scale", 1),
        LogitScale = 1 / Scale(builder, "logit_scale", 1),
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        ConfigReader header = builder.Header;
        AttentionDescription attention = description.Attention;
        return description with
        {
            ResidualScale = Scale(builder, "residual_scale", 1),
            Attention = attention with
            {
                Scale = Scale(builder, "attention.scale", attention.Scale),
                Pairing = HasPositions(builder) ? attention.Pairing : null,
            },
            FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[0] },
            Experts = description.Experts is ExpertsDescription experts
                ? experts with
                {
                    Width = builder.Config.FeedForwardLengths[0],
                    Routing = experts.Routing with { WeightScale = 1 },
                    SharedWidth = header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0,
                }
                : null,
        };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        if (HasPositions(builder))
        {
            base.AddRopes(builder);
        }
        else
        {
            builder.Weights.Ignore("rope_freqs.weight");
        }
    }

    protected override Block RecurrentMixer(ModelBuilder builder, int layer) => new Mamba2Block(builder, layer, StateSpaceConfig.ReadHeads(builder.Header));

    // The entry's name is historical: it says whether attention has rotary positions.
    private static bool HasPositions(ModelBuilder builder) => builder.Header.OptionalFlag("rope.scaling.finetuned") ?? true;

    private static float Scale(ModelBuilder builder, string name, float otherwise) =>
        builder.Header.OptionalNumber(name, 0, 1e6) is float scale and not 0 ? scale : otherwise;
}
