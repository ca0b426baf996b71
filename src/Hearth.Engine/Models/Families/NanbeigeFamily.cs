using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>Nanbeige: Llama whose layers run several times over, each time with keys and values of their own.</summary>
internal sealed class NanbeigeFamily : TransformerFamily
{
    private const int MaxLayers = 4096;

    public override IReadOnlyList<string> Architectures { get; } = ["nanbeige"];

    protected override IEnumerable<LayerStep> Layers(ModelBuilder builder)
    {
        ModelConfig config = builder.Config;
        int loops = builder.Header.OptionalCount("num_loops", maximum: MaxLayers / config.LayerCount) ?? 1;
        bool normalizes = !(builder.Header.OptionalFlag("skip_loop_final_norm") ?? false);
        for (int loop = 0; loop < loops; loop++)
        {
            if (loop > 0 && normalizes)
            {
                yield return new NormStep(builder.Norm("output_norm", NormKind.RootMeanSquare, config.EmbeddingLength));
            }

            foreach (LayerStep step in base.Layers(builder))
            {
                yield return step;
            }
        }
    }
}
