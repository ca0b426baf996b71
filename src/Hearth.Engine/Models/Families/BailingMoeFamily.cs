namespace Hearth.Engine.Models.Families;

/// <summary>Ling: Llama with shared and routed experts in every layer.</summary>
internal sealed class BailingMoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["bailingmoe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Experts = SharedAndRoutedExperts(builder) };
    }
}
