using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// The text side of Gemma 3n: four residual streams, an embedding for each layer, sparse activations in the first layers, and keys and
/// values that the last layers share. Its sizes are the same in all models.
/// </summary>
internal sealed class Gemma3nFamily : GemmaFamily
{
    private const int LayersWithKeys = 20;
    private const int SparseLayers = 10;
    private const int LaurelRank = 64;
    private const int PerLayerWidth = 256;

    // The point of the normal distribution that 95 % lie below.
    private const float SparseDeviations = 1.6448533535003662f;

    public override IReadOnlyList<string> Architectures { get; } = ["gemma3n"];

    protected override ModelDescription Describe(ModelBuilder builder) =>
        base.Describe(builder) with { LogitSoftCap = builder.Header.OptionalNumber("final_logit_softcapping", 0, 1e6) ?? 30 };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with
            {
                Scale = 1,
                Window = Window(builder, layer, period: 5),
                Rope = Window(builder, layer, period: 5) > 0 ? 1 : 0,
                Norm = QueryKeyNorm.Head,
                NormalizeValues = true,
                SharedCacheLayer = SharedLayer(builder, layer, LayersWithKeys, other => Window(builder, other, period: 5) > 0),
            },
            FeedForward = description.FeedForward! with { Sparsity = layer < SparseLayers ? SparseDeviations : 0 },
        };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        builder.AddRope(builder.Config.Rope, useFactors: false);
        builder.AddRope(WindowedRope(builder), useFactors: false);
    }

    protected override IEnumerable<LayerStep> Layers(ModelBuilder builder)
    {
        PerLayerInputs inputs = new(builder, PerLayerWidth);
        AltUpStreams streams = new(builder);
        (LayerStep start, LayerStep end) = streams.Steps();
        yield return inputs;
        yield return start;
        for (int layer = 0; layer < builder.Config.LayerCount; layer++)
        {
            LayerDescription description = Describe(builder, layer);
            (Block, Block, Block) blocks = (Mixer(builder, layer, description), FeedForward(builder, layer, description), new PerLayerBlock(builder, layer, inputs));
            yield return new AltUpLayerStep(builder, layer, streams, LaurelRank, blocks);
        }

        yield return end;
    }
}
