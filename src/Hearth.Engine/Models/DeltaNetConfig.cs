using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Scan;

namespace Hearth.Engine.Models;

/// <summary>Reads the entries of delta nets.</summary>
internal static class DeltaNetConfig
{
    private const int DefaultInterval = 4;
    private const int MaxHeads = 4096;

    /// <summary>The sizes of a gated delta net, by the entries of state spaces.</summary>
    /// <exception cref="ModelException">An entry is missing or makes no sense.</exception>
    public static DeltaNetShape Read(ConfigReader header, KeyHeadOrder order)
    {
        int size = header.Count("ssm.state_size", maximum: GatedDeltaShape.MaxKeySize);
        int heads = header.Count("ssm.time_step_rank", maximum: MaxHeads);
        int keyHeads = header.Count("ssm.group_count", maximum: MaxHeads);
        int inner = header.Count("ssm.inner_size");
        if (inner != size * heads)
        {
            throw ModelException.InvalidMetadata($"{header.Architecture}.ssm.inner_size", $"{inner}", $"{heads} heads (ssm.time_step_rank) of {size} (ssm.state_size)");
        }

        StateSpaceConfig.RequireDivisible(header, "ssm.time_step_rank", heads, keyHeads, "key heads (ssm.group_count)");
        return new DeltaNetShape(StateSpaceConfig.ReadKernel(header), heads, keyHeads, size, order);
    }

    /// <summary>Which layers are delta nets: a list, or all but every n-th.</summary>
    /// <exception cref="ModelException">An entry makes no sense.</exception>
    public static bool IsRecurrent(ModelBuilder builder, int layer)
    {
        ConfigReader header = builder.Header;
        if (header.OptionalFlags("attention.recurrent_layers", builder.Config.BlockCount) is IReadOnlyList<bool> layers)
        {
            return layers[layer];
        }

        int interval = header.OptionalCount("full_attention_interval") ?? DefaultInterval;
        return (layer + 1) % interval != 0;
    }
}
