namespace Hearth.Engine.Models.Families;

/// <summary>Mistral 3: Llama with queries that grow with the logarithm of their position.</summary>
internal sealed class Mistral3Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["mistral3"];

    protected override ModelDescription Describe(ModelBuilder builder) =>
        new() { QueryScale = GrowingQueries(builder, builder.Config.Rope.OriginalContextLength) };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { ScaleQueries = true } };
    }
}
