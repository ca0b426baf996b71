using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Attention;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Llama 4: three of four layers attend within chunks; the fourth has no rotary positions but queries that grow with their position.
/// </summary>
internal sealed class Llama4Family : TransformerFamily
{
    private const int Chunk = 8192;
    private const int PositionPeriod = 4;
    private const int ExpertsWithoutNorm = 128;

    public override IReadOnlyList<string> Architectures { get; } = ["llama4"];

    protected override ModelDescription Describe(ModelBuilder builder) => new()
    {
        QueryScale = position => (float)(1 + (0.1 * Math.Log(1 + ((position + 1) / Chunk)))),
    };

    protected override void AddRopes(ModelBuilder builder)
    {
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(rope);
        builder.AddRope(WindowedRope(builder, rope.FrequencyBase) with { Scaling = rope.Scaling });
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        bool hasChunks = builder.Header.OptionalCount("attention.sliding_window", minimum: 0, maximum: int.MaxValue) != 0;
        int period = builder.Header.OptionalCount("attention.sliding_window_pattern", minimum: 0) ?? 4;
        bool chunked = hasChunks && IsWindowed(layer, period);
        bool rotated = !hasChunks || (layer + 1) % PositionPeriod != 0;
        ExpertsDescription experts = ExpertsReader.Read(builder.Header, builder.Header.Count("expert_feed_forward_length"), ExpertGating.Sigmoid);
        int step = builder.Header.Count("interleave_moe_layer_step", minimum: 0);
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = rotated ? RopePairing.Adjacent : null,
                Rope = chunked ? 1 : 0,
                Mask = chunked ? AttentionMask.Chunked : AttentionMask.Causal,
                Window = chunked ? Chunk : 0,
                Norm = rotated && experts.Count != ExpertsWithoutNorm ? QueryKeyNorm.Unweighted : QueryKeyNorm.None,
                NormAfterRope = true,
                ScaleQueries = !rotated,
            },
            Experts = step == 0 || (layer + 1) % step != 0 ? null : experts with
            {
                SharedWidth = experts.Width,
                Routing = experts.Routing with { ScalesInput = true },
            },
        };
    }
}
