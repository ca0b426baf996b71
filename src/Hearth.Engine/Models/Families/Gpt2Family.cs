using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Families;

/// <summary>GPT-2 and StarCoder: layer norms, learned positions, plain networks.</summary>
internal sealed class Gpt2Family : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["gpt2", "starcoder"];

    protected override ModelDescription Describe(ModelBuilder builder) => base.Describe(builder) with { LearnedPositions = true };

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = null },
            FeedForward = Plain(builder, layer, Activation.Gelu),
        };
    }
}
