using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Falcon-H1: attention and Mamba-2 side by side in every layer, then a dense network.</summary>
internal sealed class FalconH1Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["falcon-h1"];

    protected override void AddRopes(ModelBuilder builder)
    {
        builder.Weights.Ignore("rope_freqs.weight");
        base.AddRopes(builder);
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        builder.Weights.Ignore($"blk.{layer}.attn_output.bias");
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split }, Experts = null };
    }

    protected override IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer)
    {
        LayerDescription description = Describe(builder, layer);
        int embedding = builder.Config.EmbeddingLength;
        Normalization mixerNorm = builder.Norm($"blk.{layer}.attn_norm", NormKind.RootMeanSquare, embedding);
        Block stateSpace = new Mamba2Block(builder, layer, StateSpaceConfig.ReadHeads(builder.Header));
        Block attention = Mixer(builder, layer, description);
        Normalization feedForwardNorm = builder.Norm($"blk.{layer}.ffn_norm", NormKind.RootMeanSquare, embedding, suffix: "");
        return
        [
            new ParallelStep(builder, [(mixerNorm, attention), (null, stateSpace)]),
            new ResidualStep(builder, feedForwardNorm, FeedForward(builder, layer, description)),
        ];
    }
}
