using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models;

/// <summary>A family some of whose layers carry a state from token to token instead of attending to the past.</summary>
internal abstract class HybridFamily : TransformerFamily
{
    /// <summary>Whether a layer is recurrent; in most headers those without key and value heads are.</summary>
    protected virtual bool IsRecurrent(ModelBuilder builder, int layer) => builder.Config.KeyValueHeadCounts[layer] == 0;

    /// <summary>What mixes tokens in a recurrent layer.</summary>
    protected abstract Block RecurrentMixer(ModelBuilder builder, int layer);

    protected override Block Mixer(ModelBuilder builder, int layer, LayerDescription description) =>
        IsRecurrent(builder, layer) ? RecurrentMixer(builder, layer) : base.Mixer(builder, layer, description);
}
