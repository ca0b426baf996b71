using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Models;

/// <summary>
/// A family whose layers are a mixer (attention) and a feed-forward network. The defaults are Llama's; a family states what differs, and
/// hybrids replace the mixer of some layers.
/// </summary>
internal abstract class TransformerFamily : ModelFamily
{
    public override ModelConfig ReadConfig(ConfigReader reader) => StandardConfig.Read(reader);

    public override DecoderDefinition Compose(ModelBuilder builder)
    {
        ModelDescription description = Describe(builder);
        AddRopes(builder);
        EmbeddingStep embedding = new(builder, description);
        List<LayerStep> steps = [embedding];
        steps.AddRange(Layers(builder));
        return new DecoderDefinition
        {
            Steps = [.. steps],
            OutputNorm = description.OutputNorm is NormKind kind ? builder.StreamNorm(description.OutputNormName, kind, description.UnweightedOutputNorm) : null,
            Pooling = PoolingHead.Find(builder, description.Rank),
            Head = description.HasHead ? OutputHead.Find(builder, description, embedding.Table) : null,
            QueryScale = description.QueryScale,
            PositionCount = description.LearnedPositions ? builder.Config.ContextLength : null,
        };
    }

    /// <summary>What surrounds the layers.</summary>
    protected virtual ModelDescription Describe(ModelBuilder builder) => new();

    /// <summary>A layer as data.</summary>
    protected virtual LayerDescription Describe(ModelBuilder builder, int layer) => new()
    {
        Attention = StandardAttention(builder, layer),
        FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[layer] },
        Experts = StandardExperts(builder),
    };

    /// <summary>Adds the tables of rotary angles; the first is for every layer that says nothing else.</summary>
    protected virtual void AddRopes(ModelBuilder builder)
    {
        if (builder.Config.Rope.DimensionCount > 0)
        {
            builder.AddRope(builder.Config.Rope);
        }
    }

    /// <summary>The steps of all layers.</summary>
    protected virtual IEnumerable<LayerStep> Layers(ModelBuilder builder)
    {
        for (int layer = 0; layer < builder.Config.LayerCount; layer++)
        {
            foreach (LayerStep step in Layer(builder, layer))
            {
                yield return step;
            }
        }
    }

    /// <summary>The steps of a layer.</summary>
    protected virtual IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer)
    {
        LayerDescription description = Describe(builder, layer);
        Block mixer = Mixer(builder, layer, description);
        Block feedForward = FeedForward(builder, layer, description);
        Normalization? Norm(string? name, string suffix = ".weight") =>
            name is null ? null : builder.StreamNorm($"blk.{layer}.{name}", description.Norm, description.UnweightedNorms, suffix);

        Normalization? mixerNorm = Norm(description.MixerNorm);
        Normalization? mixerPostNorm = Norm(description.MixerPostNorm, description.PostNormSuffix);
        Normalization? feedForwardNorm = Norm(description.FeedForwardNorm);
        Normalization? feedForwardPostNorm = Norm(description.FeedForwardPostNorm, description.PostNormSuffix);
        return description.Layout switch
        {
            LayerLayout.Parallel => [new ParallelStep(builder, [(mixerNorm, mixer), (feedForwardNorm, feedForward)], description.ResidualScale)],
            LayerLayout.PostNorm =>
            [
                new PostNormStep(builder, mixer, mixerPostNorm ?? throw new InvalidOperationException("A post-norm layer needs its norms."), Norm(description.MixerSecondPostNorm)),
                new PostNormStep(builder, feedForward, feedForwardPostNorm ?? throw new InvalidOperationException("A post-norm layer needs its norms.")),
            ],
            _ =>
            [
                new ResidualStep(builder, mixerNorm, mixer, mixerPostNorm, description.ResidualScale),
                new ResidualStep(builder, feedForwardNorm, feedForward, feedForwardPostNorm, description.ResidualScale),
            ],
        };
    }

    /// <summary>What mixes tokens in a layer.</summary>
    protected virtual Block Mixer(ModelBuilder builder, int layer, LayerDescription description) => new AttentionBlock(builder, layer, description.Attention);

    /// <summary>A layer's feed-forward network.</summary>
    protected virtual Block FeedForward(ModelBuilder builder, int layer, LayerDescription description) => description switch
    {
        { Experts: ExpertsDescription experts } => new ExpertsBlock(builder, layer, experts),
        { FeedForward: FeedForwardDescription dense } => new FeedForwardBlock(builder, layer, dense),
        _ => throw new InvalidOperationException("A layer needs a feed-forward network."),
    };

    /// <summary>Attention by the standard entries: all positions, biases by presence.</summary>
    protected static AttentionDescription StandardAttention(ModelBuilder builder, int layer) => new()
    {
        Heads = builder.Config.HeadCounts[layer],
        KeyValueHeads = builder.Config.KeyValueHeadCounts[layer],
        KeyLength = builder.Config.KeyLength,
        ValueLength = builder.Config.ValueLength,
        Scale = builder.Config.AttentionScale,
        Mask = builder.Config.Causal ? AttentionMask.Causal : AttentionMask.Bidirectional,
    };

    /// <summary>Mixtral's experts by the standard entries, or null for a dense model.</summary>
    protected static ExpertsDescription? StandardExperts(ModelBuilder builder) => builder.Config.ExpertCount == 0
        ? null
        : ExpertsReader.Read(builder.Header, ExpertsReader.OptionalWidth(builder.Header) ?? builder.Config.FeedForwardLengths[0], normalize: true);

    /// <summary>
    /// Experts that are routed by what the header says, beside shared ones of the same width (DeepSeek, arXiv:2401.06066).
    /// </summary>
    /// <param name="builder">The model in the making.</param>
    /// <param name="gating">How logits become weights when the header does not say.</param>
    /// <param name="normalize">Whether weights are divided by their sum when the header does not say.</param>
    protected static ExpertsDescription SharedAndRoutedExperts(ModelBuilder builder, ExpertGating gating = ExpertGating.Softmax, bool normalize = false)
    {
        int width = builder.Header.Count("expert_feed_forward_length");
        int shared = builder.Header.OptionalCount("expert_shared_count", minimum: 0, maximum: 256) ?? 0;
        return ExpertsReader.Read(builder.Header, width, gating, normalize) with { SharedWidth = checked(width * shared) };
    }

    /// <summary>Leaves tensors of a layer out that its family's reference leaves out.</summary>
    protected static void Ignore(ModelBuilder builder, int layer, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            builder.Weights.Ignore($"blk.{layer}.{name}");
        }
    }

    /// <summary>Whether a layer has a router, and so experts; then a dense network that it may have too is left out.</summary>
    protected static bool HasRouter(ModelBuilder builder, int layer)
    {
        bool found = builder.Weights.Has($"blk.{layer}.ffn_gate_inp.weight");
        if (found)
        {
            Ignore(builder, layer, "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight");
        }

        return found;
    }

    /// <summary>
    /// The factor of queries that grows with the logarithm of their position, <c>1 + s ln(1 + floor(position / length))</c> with s from
    /// <c>attention.temperature_scale</c>; null without one.
    /// </summary>
    protected static Func<int, float>? GrowingQueries(ModelBuilder builder, int length)
    {
        float scale = builder.Header.OptionalNumber("attention.temperature_scale", -1e6, 1e6) ?? 0;
        return scale == 0 ? null : position => (float)(1 + (scale * Math.Log(1 + (position / length))));
    }

    /// <summary>Layers at the start that have a dense network instead of experts (<c>leading_dense_block_count</c>).</summary>
    protected static int DenseLayers(ModelBuilder builder) => builder.Header.OptionalCount("leading_dense_block_count", minimum: 0) ?? 0;

    /// <summary>
    /// Whether a layer has the window when every <paramref name="period"/>-th layer sees everything: the last of each period, or the first.
    /// </summary>
    protected static bool IsWindowed(int layer, int period, bool fullFirst = false) =>
        period == 0 || (fullFirst ? layer % period != 0 : layer % period < period - 1);

    /// <summary>
    /// The window of a layer by <c>attention.sliding_window</c> and <c>attention.sliding_window_pattern</c>, which is a period or a list
    /// with one entry per layer; 0 for layers that see everything.
    /// </summary>
    /// <param name="builder">The model in the making.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="period">The period when the header has none.</param>
    /// <param name="defaultWindow">The window when the header has none.</param>
    /// <param name="fullFirst">Whether the first layer of a period sees everything, not the last.</param>
    protected static int Window(ModelBuilder builder, int layer, int period, int defaultWindow = 0, bool fullFirst = false)
    {
        const string Pattern = "attention.sliding_window_pattern";
        int window = builder.Header.OptionalCount("attention.sliding_window", minimum: 0, maximum: int.MaxValue) ?? defaultWindow;
        bool windowed = builder.Header.IsList(Pattern)
            ? builder.Header.OptionalFlags(Pattern, builder.Config.LayerCount)![layer]
            : IsWindowed(layer, builder.Header.OptionalCount(Pattern, minimum: 0) ?? period, fullFirst);
        return windowed ? window : 0;
    }

    /// <summary>The rotary embedding of windowed layers: <c>rope.freq_base_swa</c>, without scaling.</summary>
    protected static RopeConfig WindowedRope(ModelBuilder builder, float defaultBase = 10_000) => builder.Config.Rope with
    {
        FrequencyBase = builder.Header.OptionalNumber("rope.freq_base_swa", 1e-3, 1e12) ?? defaultBase,
        Scaling = RopeScalingKind.None,
    };

    /// <summary>A layer with norms after its blocks under their usual names.</summary>
    protected static LayerDescription WithPostNorms(LayerDescription description) =>
        description with { MixerPostNorm = "post_attention_norm", FeedForwardPostNorm = "post_ffw_norm" };

    /// <summary>Whether rotary positions have sections (time, height, width), which pair halves.</summary>
    protected static bool HasSections(ModelBuilder builder) => builder.Header.OptionalIntegers("rope.dimension_sections") is [> 0, > 0, ..];
}
