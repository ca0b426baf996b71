namespace Hearth.Engine.Models.Families;

/// <summary>Jais: layer norms, linear biases for positions, scores divided by the length of a head.</summary>
internal sealed class JaisFamily : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["jais"];

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = null,
                Scale = 1f / builder.Config.KeyLength,
                AlibiMaxBias = builder.Header.OptionalNumber("attention.max_alibi_bias", 0, 1e6) ?? 0,
            },
        };
    }
}
