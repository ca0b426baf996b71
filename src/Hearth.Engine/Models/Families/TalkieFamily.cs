using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Talkie: norms without weights, also of the embeddings; queries and keys are normalised after they were rotated, with a factor for each
/// query head; each layer adds the embeddings again, times a factor of its own.
/// </summary>
internal sealed class TalkieFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["talkie"];

    protected override ModelDescription Describe(ModelBuilder builder) =>
        new() { UnweightedOutputNorm = true, LogitScale = builder.Header.Number("logit_scale", -1e6, 1e6) };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            UnweightedNorms = true,
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.QueryGain, NormAfterRope = true },
        };
    }

    protected override IEnumerable<LayerStep> Layers(ModelBuilder builder)
    {
        yield return new NormStep(builder.UnweightedNorm);
        yield return new KeepEmbeddingStep(builder);
        foreach (LayerStep step in base.Layers(builder))
        {
            yield return step;
        }
    }

    protected override IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer)
    {
        string name = $"blk.{layer}.layer_output_scale.weight";
        float scale = builder.Weights.Number(name) ?? throw ModelException.MissingTensor(name);
        return base.Layer(builder, layer).Append(new AddEmbeddingStep(builder, scale));
    }
}
