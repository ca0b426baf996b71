namespace Hearth.Engine.Models.Families;

/// <summary>DeepSeek MoE: dense networks in the first layers, shared and routed experts in the others (arXiv:2401.06066).</summary>
internal sealed class DeepSeekFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["deepseek"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Experts = layer < DenseLayers(builder) ? null : SharedAndRoutedExperts(builder) };
    }
}
