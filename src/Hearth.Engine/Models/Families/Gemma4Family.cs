using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// The text side of Gemma 4: windowed layers have heads of their own length, values are normalised or are the keys, the last layers may
/// share keys and values, experts stand beside the dense network, and small models have an embedding for each layer.
/// </summary>
internal sealed class Gemma4Family : GemmaFamily
{
    private const int MaxWidth = 65_536;

    public override IReadOnlyList<string> Architectures { get; } = ["gemma4"];

    protected override ModelDescription Describe(ModelBuilder builder) =>
        base.Describe(builder) with { LogitSoftCap = builder.Header.OptionalNumber("final_logit_softcapping", 0, 1e6) ?? 30 };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = WithPostNorms(base.Describe(builder, layer));
        IReadOnlyList<bool> windows = Windows(builder);
        int shared = builder.Header.OptionalCount("attention.shared_kv_layers", minimum: 0, maximum: builder.Config.LayerCount) ?? 0;
        int length = windows[layer] ? WindowedKeyLength(builder) : builder.Config.KeyLength;
        return description with
        {
            FeedForwardNorm = HasExperts(builder, layer) ? null : description.FeedForwardNorm,
            Experts = null,
            Attention = description.Attention with
            {
                KeyLength = length,
                ValueLength = length,
                Scale = 1,
                Window = windows[layer] ? builder.Header.Count("attention.sliding_window", minimum: 0, maximum: int.MaxValue) : 0,
                Rope = windows[layer] ? 1 : 0,
                Norm = QueryKeyNorm.Head,
                NormalizeValues = true,
                SharedCacheLayer = SharedLayer(builder, layer, builder.Config.BlockCount - shared, other => windows[other]),
            },
        };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        const string Factors = "rope_freqs.weight";
        bool hasFull = Windows(builder).Take(builder.Config.LayerCount).Contains(false);
        if (hasFull && !builder.Weights.Has(Factors))
        {
            throw ModelException.MissingTensor(Factors);
        }

        builder.AddRope(builder.Config.Rope, useFactors: hasFull);
        int dimensions = builder.Header.OptionalCount("rope.dimension_count_swa", minimum: 0, maximum: MaxWidth) ?? builder.Config.Rope.DimensionCount;
        int length = WindowedKeyLength(builder);
        if (dimensions > length || dimensions % 2 != 0)
        {
            throw ModelException.InvalidMetadata("gemma4.rope.dimension_count_swa", $"{dimensions}", $"an even number up to {length}");
        }

        builder.AddRope(WindowedRope(builder) with { DimensionCount = dimensions }, useFactors: false);
    }

    protected override IEnumerable<LayerStep> Layers(ModelBuilder builder)
    {
        int width = builder.Header.Count("embedding_length_per_layer_input", minimum: 0, maximum: MaxWidth);
        PerLayerInputs? inputs = width == 0 ? null : new PerLayerInputs(builder, width);
        List<LayerStep> steps = inputs is null ? [] : [inputs];
        for (int layer = 0; layer < builder.Config.LayerCount; layer++)
        {
            steps.AddRange(Layer(builder, layer));
            if (inputs is not null)
            {
                Normalization norm = builder.Norm($"blk.{layer}.post_norm", NormKind.RootMeanSquare, builder.Config.EmbeddingLength);
                steps.Add(new ResidualStep(builder, null, new PerLayerBlock(builder, layer, inputs), norm));
            }

            if (builder.Weights.Number($"blk.{layer}.layer_output_scale.weight") is float scale)
            {
                steps.Add(new ScaleStep(scale));
            }
        }

        return steps;
    }

    protected override Block FeedForward(ModelBuilder builder, int layer, LayerDescription description)
    {
        Block dense = base.FeedForward(builder, layer, description);
        return HasExperts(builder, layer) ? DenseBesideExperts.Create(builder, layer, dense) : dense;
    }

    private static bool HasExperts(ModelBuilder builder, int layer) => builder.Config.ExpertCount > 0 && builder.Weights.Has($"blk.{layer}.ffn_gate_inp.weight");

    private static int WindowedKeyLength(ModelBuilder builder) => builder.Header.Count("attention.key_length_swa", maximum: MaxWidth);

    private static IReadOnlyList<bool> Windows(ModelBuilder builder) =>
        builder.Header.OptionalFlags("attention.sliding_window_pattern", builder.Config.LayerCount)
        ?? throw ModelException.MissingMetadata("gemma4.attention.sliding_window_pattern");
}
