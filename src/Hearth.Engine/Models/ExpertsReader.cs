using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models;

/// <summary>
/// Reads the entries about experts, whose names all architectures share. Where the header is silent, what the family says holds.
/// </summary>
internal static class ExpertsReader
{
    private const int MaxExperts = 4096;

    /// <summary>Reads and checks them; shared experts are the family's to add.</summary>
    /// <param name="header">The header.</param>
    /// <param name="width">Elements between an expert's up and down.</param>
    /// <param name="gating">How logits become weights when the header does not say.</param>
    /// <param name="normalize">Whether weights are divided by their sum when the header does not say.</param>
    /// <exception cref="ModelException">An entry is missing or makes no sense.</exception>
    public static ExpertsDescription Read(ConfigReader header, int width, ExpertGating gating = ExpertGating.Softmax, bool normalize = false)
    {
        int count = header.Count("expert_count", maximum: MaxExperts);
        int used = header.Count("expert_used_count", maximum: count);
        (int groups, int groupsUsed) = Groups(header, count, used);
        return new ExpertsDescription
        {
            Count = count,
            Width = width,
            Routing = new ExpertRouting
            {
                ExpertsUsed = used,
                Gating = header.OptionalCount("expert_gating_func", minimum: 0, maximum: 4) switch
                {
                    1 => ExpertGating.Softmax,
                    2 => ExpertGating.Sigmoid,
                    3 => ExpertGating.SelectedSoftmax,
                    4 => ExpertGating.SquareRootSoftplus,
                    _ => gating,
                },
                NormalizeWeights = header.OptionalFlag("expert_weights_norm") ?? normalize,
                WeightScale = header.OptionalNumber("expert_weights_scale", 0, 1e6) is float scale and not 0 ? scale : 1,
                Groups = groups,
                GroupsUsed = groupsUsed,
            },
        };
    }

    /// <summary>The width of an expert, or null when the header does not say.</summary>
    public static int? OptionalWidth(ConfigReader header) => header.OptionalCount("expert_feed_forward_length", minimum: 0) is int width and not 0 ? width : null;

    /// <summary>The width of an expert: its own entry, or a dense network's width divided among the experts that are used.</summary>
    public static int WidthOrShare(ConfigReader header, int denseWidth) => OptionalWidth(header) ?? (denseWidth / header.Count("expert_used_count", maximum: MaxExperts));

    private static (int Groups, int GroupsUsed) Groups(ConfigReader header, int count, int used)
    {
        int groups = header.OptionalCount("expert_group_count", minimum: 0, maximum: count) ?? 0;
        if (groups <= 1)
        {
            return (1, 1);
        }

        if (count % groups != 0)
        {
            throw ModelException.InvalidMetadata($"{header.Architecture}.expert_group_count", $"{groups}", $"a divisor of the {count} experts");
        }

        int groupsUsed = header.Count("expert_group_used_count", maximum: groups);
        return groupsUsed * (count / groups) >= used
            ? (groups, groupsUsed)
            : throw ModelException.InvalidMetadata(
                $"{header.Architecture}.expert_group_used_count", $"{groupsUsed} of {groups} groups", $"groups that hold the {used} experts of a token");
    }
}
