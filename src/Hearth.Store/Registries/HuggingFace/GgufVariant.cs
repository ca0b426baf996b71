using System.Globalization;
using System.Text.RegularExpressions;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>One of the models that a repository offers: a GGUF file, or all parts of a split one.</summary>
/// <param name="Path">The path without <c>-00001-of-00003</c> and <c>.gguf</c>.</param>
/// <param name="Files">The files, in their order.</param>
/// <param name="Missing">The numbers of parts that the repository does not have.</param>
internal sealed partial record GgufVariant(string Path, IReadOnlyList<HubFile> Files, IReadOnlyList<int> Missing)
{
    private const string Extension = ".gguf";

    /// <summary>The quantisation that its name tells, else the nearest folder that tells one.</summary>
    public string? Quantization { get; } = Path.Split('/').Reverse().Select(HuggingFace.Quantization.Find).FirstOrDefault(found => found is not null);

    /// <summary>The folder; empty at the top.</summary>
    public string Folder => Files[0].Folder;

    /// <summary>The models among files: neither projectors nor what models were quantised with.</summary>
    public static IReadOnlyList<GgufVariant> FindAll(IEnumerable<HubFile> files)
    {
        List<GgufVariant> variants = [];
        foreach (IGrouping<(string Path, int Parts), HubFile> group in files.Where(IsModel).GroupBy(file => Stem(file.Path)))
        {
            Dictionary<int, HubFile> parts = group.GroupBy(file => PartNumber(file.Path)).ToDictionary(part => part.Key, part => part.First());
            IEnumerable<int> numbers = Enumerable.Range(1, group.Key.Parts);
            HubFile[] ordered = [.. numbers.Where(parts.ContainsKey).Select(number => parts[number])];
            if (ordered.Length > 0)
            {
                variants.Add(new GgufVariant(group.Key.Path, ordered, [.. numbers.Where(number => !parts.ContainsKey(number))]));
            }
        }

        // A file and its own parts: the file says it all.
        HashSet<string> whole = [.. variants.Where(variant => !IsPart(variant.Files[0].Path)).Select(variant => variant.Path)];
        return [.. variants.Where(variant => !IsPart(variant.Files[0].Path) || !whole.Contains(variant.Path)).OrderBy(variant => variant.Path, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Whether a file is a projector.</summary>
    public static bool IsProjector(HubFile file) => IsGguf(file) && file.Name.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a tag names one of the files, with or without what follows the name proper.</summary>
    public bool HasName(string tag) =>
        Path[(Path.LastIndexOf('/') + 1)..].Equals(tag, StringComparison.OrdinalIgnoreCase)
        || Files.Any(file => file.Name.Equals(tag, StringComparison.OrdinalIgnoreCase) || file.Name.Equals(tag + Extension, StringComparison.OrdinalIgnoreCase));

    private static bool IsGguf(HubFile file) => file.Path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    private static bool IsModel(HubFile file)
    {
        string name = file.Name[..Math.Max(0, file.Name.Length - Extension.Length)];
        return IsGguf(file) && !IsProjector(file)
            && !(HuggingFace.Quantization.IsWordOf(name, "imatrix") && (name.EndsWith("imatrix", StringComparison.OrdinalIgnoreCase) || HuggingFace.Quantization.Find(name) is null));
    }

    private static bool IsPart(string path) => PartSuffix().IsMatch(path);

    private static int PartNumber(string path) => PartSuffix().Match(path) is { Success: true } part ? Number(part.Groups[1].Value) : 1;

    private static (string Path, int Parts) Stem(string path) => PartSuffix().Match(path) is { Success: true } part
        ? (path[..part.Index], Number(part.Groups[2].Value))
        : (path[..^Extension.Length], 1);

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"-([0-9]{5})-of-([0-9]{5})\.gguf\z", RegexOptions.IgnoreCase)]
    private static partial Regex PartSuffix();
}
