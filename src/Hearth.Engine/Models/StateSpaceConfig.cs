using Hearth.Kernels.Conv;

namespace Hearth.Engine.Models;

/// <summary>The sizes of a state-space layer.</summary>
/// <param name="Kernel">Inputs that the convolution sees.</param>
/// <param name="Inner">Channels.</param>
/// <param name="States">States of a channel.</param>
/// <param name="Rank">Length of the vector that steps are made from (Mamba), or heads (Mamba-2).</param>
/// <param name="Groups">Groups of heads that share what is written and read.</param>
internal sealed record StateSpaceConfig(int Kernel, int Inner, int States, int Rank, int Groups)
{
    private const int MaxInner = 1 << 20;
    private const int MaxStates = 1 << 16;

    /// <summary>Mamba: every channel has steps of its own.</summary>
    /// <exception cref="ModelException">An entry is missing or makes no sense.</exception>
    public static StateSpaceConfig ReadMamba(ConfigReader header) => new(
        ReadKernel(header),
        header.Count("ssm.inner_size", maximum: MaxInner),
        header.Count("ssm.state_size", maximum: MaxStates),
        header.Count("ssm.time_step_rank", maximum: MaxInner),
        Groups: 1);

    /// <summary>Mamba-2: heads, and groups of heads.</summary>
    /// <exception cref="ModelException">An entry is missing or makes no sense.</exception>
    public static StateSpaceConfig ReadHeads(ConfigReader header)
    {
        int groups = header.Count("ssm.group_count", maximum: 4096);
        StateSpaceConfig config = ReadMamba(header) with { Groups = groups };
        RequireDivisible(header, "ssm.inner_size", config.Inner, config.Rank, "heads (ssm.time_step_rank)");
        RequireDivisible(header, "ssm.time_step_rank", config.Rank, groups, "groups (ssm.group_count)");
        return config;
    }

    /// <summary>Reads the convolution's width.</summary>
    public static int ReadKernel(ConfigReader header, string name = "ssm.conv_kernel") => header.Count(name, minimum: 2, maximum: CausalConvOp.MaxKernel);

    /// <summary>Refuses what cannot be dealt out evenly.</summary>
    public static void RequireDivisible(ConfigReader header, string name, int value, int divisor, string what)
    {
        if (value % divisor != 0)
        {
            throw ModelException.InvalidMetadata($"{header.Architecture}.{name}", $"{value}", $"a multiple of the {divisor} {what}");
        }
    }
}
