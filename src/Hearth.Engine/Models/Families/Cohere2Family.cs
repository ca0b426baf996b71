namespace Hearth.Engine.Models.Families;

/// <summary>Command R7B and Command A: as Command R, with windows in most layers, which alone have rotary positions.</summary>
internal sealed class Cohere2Family : LayerNormFamily
{
    private const int DefaultPeriod = 4;

    public override IReadOnlyList<string> Architectures { get; } = ["cohere2"];

    public override ModelConfig ReadConfig(ConfigReader reader)
    {
        reader.Count("attention.sliding_window", maximum: int.MaxValue);
        return base.ReadConfig(reader);
    }

    protected override ModelDescription Describe(ModelBuilder builder) => base.Describe(builder) with
    {
        LogitScale = builder.Header.Number("logit_scale", -1e6, 1e6) is float scale and not 0 ? scale : 1,
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, DefaultPeriod);
        return description with
        {
            Layout = LayerLayout.Parallel,
            FeedForwardNorm = null,
            Attention = window > 0 ? description.Attention with { Window = window } : description.Attention with { Pairing = null },
        };
    }
}
