using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// StarCoder 2 and CodeShell: layer norms, halves as rotary pairs, plain networks. CodeShell may keep its embeddings in the head only.
/// </summary>
internal sealed class StarCoder2Family : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["codeshell", "starcoder2"];

    protected override ModelDescription Describe(ModelBuilder builder)
    {
        ModelDescription description = base.Describe(builder);
        return builder.Config.Architecture == "codeshell" && !builder.Weights.Has(description.EmbeddingTable)
            ? description with { EmbeddingTable = "output.weight" }
            : description;
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split },
            FeedForward = Plain(builder, layer, Activation.Gelu),
        };
    }
}
