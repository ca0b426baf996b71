using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>K-EXAONE: windowed layers, the only ones with rotary positions, then dense networks or shared and routed experts.</summary>
internal sealed class ExaoneMoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["exaone-moe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 4);
        int width = builder.Header.Count("expert_feed_forward_length");
        int shared = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0;
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = window > 0 ? RopePairing.Split : null,
                Window = window,
                Norm = QueryKeyNorm.Head,
            },
            Experts = layer < DenseLayers(builder) ? null : ExpertsReader.Read(builder.Header, width, ExpertGating.Sigmoid) with { SharedWidth = shared > 0 ? shared : width },
        };
    }
}
