using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// GLM 3 and 4 of 2024: Llama with the gate in the rows of the up projection, and rotary positions in a part of each head.
/// </summary>
internal sealed class ChatGlmFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["chatglm"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { FeedForward = description.FeedForward! with { Gate = GateKind.Fused } };
    }
}
