using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>GroveMoE: Qwen 3 with experts, each group of which has an adjugate expert (arXiv:2508.07785).</summary>
internal sealed class GroveMoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["grovemoe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head } };
    }

    protected override Block FeedForward(ModelBuilder builder, int layer, LayerDescription description)
    {
        ConfigReader header = builder.Header;
        ExpertsDescription experts = ExpertsReader.Read(header, header.Count("expert_feed_forward_length"), normalize: true);
        int group = header.Count("experts_per_group", maximum: experts.Count);
        int adjugates = experts.Count / group;
        if (experts.Count % group != 0)
        {
            throw ModelException.InvalidMetadata($"{header.Architecture}.experts_per_group", $"{group}", $"a divisor of the {experts.Count} experts");
        }

        ExpertsDescription shared = experts with
        {
            Count = adjugates,
            Width = header.OptionalCount("expert_chunk_feed_forward_length", minimum: 0) is int width and not 0 ? width : builder.Config.KeyLength,
            Suffix = "_chexps",
            Routing = experts.Routing with { ExpertsUsed = Math.Min(experts.Routing.ExpertsUsed, adjugates), OutputsPerExpert = group },
        };
        return new AdjugateExpertsBlock(builder, layer, experts, shared, header.Number("expert_group_scale", -1e6, 1e6));
    }
}
