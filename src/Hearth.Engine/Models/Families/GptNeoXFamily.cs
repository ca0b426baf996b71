using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// GPT-NeoX: layer norms, halves of a part of each head as rotary pairs, plain networks; attention and network side by side if the header
/// says so.
/// </summary>
internal sealed class GptNeoXFamily : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["gptneox"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        const string Key = "use_parallel_residual";
        LayerDescription description = base.Describe(builder, layer);
        bool parallel = builder.Header.OptionalFlag(Key) ?? throw ModelException.MissingMetadata($"{builder.Config.Architecture}.{Key}");
        return description with
        {
            Layout = parallel ? LayerLayout.Parallel : LayerLayout.Sequential,
            Attention = description.Attention with { Pairing = RopePairing.Split },
            FeedForward = Plain(builder, layer, Activation.Gelu),
        };
    }
}
