using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Orion: Llama with layer norms and halves as rotary pairs.</summary>
internal sealed class OrionFamily : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["orion"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split } };
    }
}
