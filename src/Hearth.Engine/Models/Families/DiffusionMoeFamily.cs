using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>LLaDA MoE and RND1: Qwen 3 with experts that sees both ways, for text made by diffusion.</summary>
internal sealed class DiffusionMoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["llada-moe", "rnd1"];

    public override ModelConfig ReadConfig(ConfigReader reader) => base.ReadConfig(reader) with { Causal = false };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int width = ExpertsReader.WidthOrShare(builder.Header, builder.Config.FeedForwardLengths[layer]);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head },
            Experts = ExpertsReader.Read(builder.Header, width, normalize: builder.Config.Architecture == "rnd1"),
        };
    }
}
