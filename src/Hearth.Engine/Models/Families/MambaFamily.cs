using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>Mamba, Falcon Mamba and Mamba-2: state spaces in every layer and nothing else.</summary>
internal sealed class MambaFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["mamba", "mamba2"];

    protected override IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer)
    {
        Normalization norm = builder.Norm($"blk.{layer}.attn_norm", NormKind.RootMeanSquare, builder.Config.EmbeddingLength);
        return [new ResidualStep(builder, norm, StateSpace(builder, layer))];
    }

    private static Block StateSpace(ModelBuilder builder, int layer) => builder.Config.Architecture == "mamba2"
        ? new Mamba2Block(builder, layer, StateSpaceConfig.ReadHeads(builder.Header))
        : new MambaBlock(builder, layer, StateSpaceConfig.ReadMamba(builder.Header), builder.Header.OptionalFlag("ssm.dt_b_c_rms") ?? false);
}
