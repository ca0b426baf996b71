namespace Hearth.Engine.Models.Families;

/// <summary>ERNIE 4.5 without experts: Llama.</summary>
internal sealed class Ernie45Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["ernie4_5"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        builder.Weights.Ignore($"blk.{layer}.attn_output.bias");
        return base.Describe(builder, layer);
    }
}
