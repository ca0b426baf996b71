using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Granite 3, dense or with experts: Llama with factors for embeddings, residuals, scores and logits, and optional shared experts.
/// </summary>
internal sealed class GraniteFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["granite", "granitemoe"];

    protected override ModelDescription Describe(ModelBuilder builder)
    {
        float logits = builder.Header.Number("logit_scale", -1e6, 1e6);
        return new ModelDescription
        {
            EmbeddingScale = Factor(builder, "embedding_scale") ?? 1,
            LogitScale = logits == 0 ? throw ModelException.InvalidMetadata($"{builder.Config.Architecture}.logit_scale", "0", "another number") : 1 / logits,
        };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        if (HasRotary(builder))
        {
            base.AddRopes(builder);
        }
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        AttentionDescription attention = description.Attention with { Scale = Factor(builder, "attention.scale") ?? description.Attention.Scale };
        return description with
        {
            ResidualScale = Factor(builder, "residual_scale") ?? 1,
            Attention = HasRotary(builder) ? attention : attention with { Pairing = null },
            Experts = description.Experts is ExpertsDescription experts ? Experts(builder, layer, experts) : null,
        };
    }

    private static ExpertsDescription Experts(ModelBuilder builder, int layer, ExpertsDescription experts) => experts with
    {
        Width = builder.Config.FeedForwardLengths[layer],
        Gated = builder.Weights.Has($"blk.{layer}.ffn_gate_exps.weight"),
        SharedWidth = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0,
    };

    private static bool HasRotary(ModelBuilder builder) => builder.Header.OptionalFlag("rope.scaling.finetuned") ?? true;

    // A factor of 0 means that there is none.
    private static float? Factor(ModelBuilder builder, string name) => builder.Header.OptionalNumber(name, -1e6, 1e6) is float factor and not 0 ? factor : null;
}
