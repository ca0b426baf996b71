namespace Hearth.Engine.Models.Families;

/// <summary>Mistral 3: Llama with queries that grow with the logarithm of their position.</summary>
internal sealed class Mistral3Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["mistral3"];

    protected override ModelDescription Describe(ModelBuilder builder)
    {
        float scale = builder.Header.OptionalNumber("attention.temperature_scale", -1e6, 1e6) ?? 0;
        int original = builder.Config.Rope.OriginalContextLength;
        return new ModelDescription
        {
            QueryScale = scale == 0 ? null : position => (float)(1 + (scale * Math.Log(1 + (position / original)))),
        };
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { ScaleQueries = true } };
    }
}
