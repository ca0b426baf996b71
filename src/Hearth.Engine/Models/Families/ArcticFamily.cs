using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>Snowflake Arctic: a dense network after attention, and experts beside both that read what came into the layer.</summary>
internal sealed class ArcticFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["arctic"];

    protected override IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer)
    {
        LayerDescription description = Describe(builder, layer);
        int embedding = builder.Config.EmbeddingLength;
        ExpertsDescription experts = ExpertsReader.Read(builder.Header, builder.Config.FeedForwardLengths[layer], normalize: true);
        FeedForwardBlock dense = new(builder, layer, new FeedForwardDescription { Width = embedding });
        ScratchSlot entered = builder.Scratch.Reserve("entered", embedding);
        Normalization Norm(string name) => builder.Norm($"blk.{layer}.{name}", NormKind.RootMeanSquare, embedding);

        return
        [
            new RememberStep(entered, Norm("ffn_norm_exps")),
            new ResidualStep(builder, Norm("attn_norm"), Mixer(builder, layer, description)),
            new ResidualStep(builder, Norm("ffn_norm"), dense),
            new ResidualStep(builder, null, new RememberingBlock(entered, new ExpertsBlock(builder, layer, experts))),
        ];
    }
}
