using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Command R: layer norms, attention and network side by side behind one norm, scaled logits; large ones normalise queries and keys.
/// </summary>
internal sealed class CommandRFamily : LayerNormFamily
{
    private const int LayersOfNormalizingModels = 64;

    public override IReadOnlyList<string> Architectures { get; } = ["command-r"];

    protected override ModelDescription Describe(ModelBuilder builder) => base.Describe(builder) with
    {
        LogitScale = builder.Header.OptionalNumber("logit_scale", -1e6, 1e6) is float scale and not 0 ? scale : 1,
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Layout = LayerLayout.Parallel,
            FeedForwardNorm = null,
            Attention = description.Attention with
            {
                Norm = builder.Config.LayerCount >= LayersOfNormalizingModels ? QueryKeyNorm.HeadLayer : QueryKeyNorm.None,
            },
        };
    }
}
