using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>Arcee's AFM: Llama with squared rectified units and no gate.</summary>
internal sealed class ArceeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["arcee"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { FeedForward = description.FeedForward! with { Gate = GateKind.None, Activation = Activation.ReluSquared } };
    }
}
