using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Nemotron and Jais 2: layer norms, halves as rotary pairs, plain networks with squared rectifiers.</summary>
internal sealed class NemotronFamily : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["jais2", "nemotron"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split },
            FeedForward = Plain(builder, layer, Activation.ReluSquared),
        };
    }
}
