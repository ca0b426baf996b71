using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>ERNIE 4.5 with experts in every n-th layer after the first ones.</summary>
internal sealed class Ernie45MoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["ernie4_5-moe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        Ignore(builder, layer, "attn_output.bias");
        int period = builder.Header.Count("interleave_moe_layer_step");
        bool sparse = layer >= DenseLayers(builder) && (layer + 1) % period == 0;
        ExpertsDescription experts = ExpertsReader.Read(builder.Header, builder.Header.Count("expert_feed_forward_length"), normalize: true);
        return description with
        {
            Experts = !sparse ? null : experts with
            {
                Gated = builder.Weights.Has($"blk.{layer}.ffn_gate_exps.weight"),
                SharedWidth = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0,
            },
        };
    }
}
