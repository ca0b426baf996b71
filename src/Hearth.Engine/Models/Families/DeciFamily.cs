using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Llama Nemotron models made by architecture search: each layer has its own heads and width. A layer may lack attention, have a matrix in
/// its place, or lack both blocks.
/// </summary>
internal sealed class DeciFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["deci"];

    protected override IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer)
    {
        LayerDescription description = Describe(builder, layer);
        int embedding = builder.Config.EmbeddingLength;
        int width = description.FeedForward!.Width;
        if (description.Attention.Heads == 0 || description.Attention.KeyValueHeads == 0)
        {
            builder.Weights.Ignore($"blk.{layer}.attn_output.bias");
        }

        if (description.Attention.Heads > 0)
        {
            if (width == 0)
            {
                throw ModelException.UnsupportedFeature(builder.Config.Architecture, $"attention without a feed-forward network in layer {layer}");
            }

            Block mixer = description.Attention.KeyValueHeads > 0
                ? Mixer(builder, layer, description)
                : new LinearBlock(builder.Weights.Matrix($"blk.{layer}.attn_output.weight", embedding, embedding));
            yield return new ResidualStep(builder, builder.Norm($"blk.{layer}.attn_norm", description.Norm, embedding), mixer);
        }

        if (width == 0)
        {
            builder.Weights.Ignore($"blk.{layer}.ffn_down.bias");
        }
        else
        {
            yield return new ResidualStep(builder, builder.Norm($"blk.{layer}.ffn_norm", description.Norm, embedding), FeedForward(builder, layer, description));
        }
    }
}
