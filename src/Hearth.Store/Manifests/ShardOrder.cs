using System.Globalization;
using System.Text.RegularExpressions;

namespace Hearth.Store.Manifests;

/// <summary>The order of the parts of split weights.</summary>
internal static partial class ShardOrder
{
    /// <summary>Weights in the order of their parts: as their names say, or as they stand where they have none.</summary>
    /// <exception cref="ManifestException">A part is missing or there twice, or they are of different models.</exception>
    public static IReadOnlyList<Descriptor> Sort(IReadOnlyList<Descriptor> weights)
    {
        string?[] paths = [.. weights.Select(LayerClassifier.PathOf)];
        if (paths.All(path => path is null))
        {
            return weights;
        }

        Match[] names = [.. paths.Select(path => PartName().Match(path ?? string.Empty))];
        if (weights.Count == 1 && !names[0].Success)
        {
            return weights;
        }

        if (names.Any(name => !name.Success) || names.DistinctBy(name => (name.Groups["base"].Value, name.Groups["count"].Value)).Skip(1).Any())
        {
            string listed = string.Join(", ", paths.Select(path => ConfigReader.Printable(path ?? "one without a name")).Take(5));
            throw new ManifestException($"The weights are not parts of one model: {listed}.");
        }

        int count = NumberOf(names[0], "count");
        Dictionary<int, Descriptor> parts = [];
        for (int index = 0; index < names.Length; index++)
        {
            if (!parts.TryAdd(NumberOf(names[index], "part"), weights[index]))
            {
                throw new ManifestException($"Part {NumberOf(names[index], "part")} of the weights is there twice.");
            }
        }

        return parts.Count == count && parts.Keys.All(part => part >= 1 && part <= count)
            ? [.. parts.OrderBy(part => part.Key).Select(part => part.Value)]
            : throw new ManifestException($"The weights have {count} parts, and the model holds {parts.Count}: {string.Join(", ", parts.Keys.Order().Take(10))}.");
    }

    /// <summary>Which part of what a file is, by its name; null for a file that is whole.</summary>
    public static (string Base, int Part, int Count)? Parse(string name) => PartName().Match(name) is { Success: true } match
        ? (match.Groups["base"].Value, NumberOf(match, "part"), NumberOf(match, "count"))
        : null;

    private static int NumberOf(Match name, string group) => int.Parse(name.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<base>.*)-(?<part>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex PartName();
}
