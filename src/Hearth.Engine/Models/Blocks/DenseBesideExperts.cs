using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// A dense network beside experts, each between norms of its own; the router reads the residual stream under a norm of its own too.
/// </summary>
internal static class DenseBesideExperts
{
    /// <summary>The sum of both.</summary>
    /// <exception cref="ModelException">An entry or a tensor is missing.</exception>
    public static Block Create(ModelBuilder builder, int layer, Block dense)
    {
        int embedding = builder.Config.EmbeddingLength;
        Normalization Norm(string name) => builder.Norm($"blk.{layer}.{name}", NormKind.RootMeanSquare, embedding);
        ScratchSlot routed = builder.Scratch.Reserve("router input", embedding);
        ExpertsDescription experts = new()
        {
            Count = builder.Config.ExpertCount,
            Width = builder.Header.Count("expert_feed_forward_length"),
            Routing = new ExpertRouting { ExpertsUsed = builder.Config.ExpertUsedCount, NormalizeWeights = true, Activation = Activation.Gelu },
        };
        return new NormedSumBlock(
            builder,
            [
                new(Norm("ffn_norm"), dense, Norm("post_ffw_norm_1")),
                new(Norm("pre_ffw_norm_2"), new ExpertsBlock(builder, layer, experts, routed), Norm("post_ffw_norm_2")) { Side = (RouterNorm(builder, layer), routed) },
            ]);
    }

    private static Normalization RouterNorm(ModelBuilder builder, int layer)
    {
        string name = $"blk.{layer}.ffn_gate_inp.scale";
        float[] scales = builder.Weights.OptionalFloats(name, builder.Config.EmbeddingLength);
        float factor = 1 / MathF.Sqrt(builder.Config.EmbeddingLength);
        return scales.Length > 0
            ? builder.UnweightedNorm with { Weight = builder.Weights.AddVector(Array.ConvertAll(scales, scale => scale * factor)) }
            : throw ModelException.MissingTensor(name);
    }
}
