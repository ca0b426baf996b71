using System.Globalization;
using System.Text.RegularExpressions;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>One of the models that a repository offers: a GGUF file, or all parts of a split one.</summary>
/// <param name="Path">The path without <c>-00001-of-00003</c> and <c>.gguf</c>.</param>
/// <param name="Files">The files that there are, in their order.</param>
/// <param name="Parts">The number of files that there should be.</param>
internal sealed partial record GgufVariant(string Path, IReadOnlyList<HubFile> Files, int Parts)
{
    private const string Extension = ".gguf";
    private const string ImportanceMatrix = "imatrix";

    /// <summary>The quantisation that its name tells, else the nearest folder that tells one.</summary>
    public string? Quantization { get; } = Path.Split('/').Reverse().Select(HuggingFace.Quantization.Find).FirstOrDefault(found => found is not null);

    /// <summary>The folder; empty at the top.</summary>
    public string Folder => Files[0].Folder;

    /// <summary>Whether all parts are there.</summary>
    public bool IsWhole => Files.Count == Parts;

    /// <summary>The numbers of the parts that are not there.</summary>
    public IEnumerable<int> Missing => Enumerable.Range(1, Parts).Except(Files.Select(file => PartNumber(file.Path)));

    /// <summary>The models among files: neither projectors nor what models were quantised with.</summary>
    public static IReadOnlyList<GgufVariant> FindAll(IEnumerable<HubFile> files)
    {
        List<GgufVariant> variants = [];
        foreach (IGrouping<(string Path, int Parts), HubFile> group in files.Where(IsModel).GroupBy(file => Stem(file.Path)))
        {
            HubFile[] parts = [.. group.Where(file => PartNumber(file.Path) is > 0 and int number && number <= group.Key.Parts)
                .OrderBy(file => PartNumber(file.Path)).DistinctBy(file => PartNumber(file.Path))];
            if (parts.Length > 0)
            {
                variants.Add(new GgufVariant(group.Key.Path, parts, group.Key.Parts));
            }
        }

        // A file and its own parts: the file says it all.
        HashSet<string> whole = [.. variants.Where(variant => !IsPart(variant.Files[0].Path)).Select(variant => variant.Path)];
        return
        [
            .. variants.Where(variant => !IsPart(variant.Files[0].Path) || !whole.Contains(variant.Path))
                .OrderBy(variant => variant.Path, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>Whether a file is a projector.</summary>
    public static bool IsProjector(HubFile file) => IsGguf(file) && file.Name.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a tag names one of the files, with or without what follows the name proper.</summary>
    public bool HasName(string tag) => Files.Select(file => file.Name).Append(Path[(Path.LastIndexOf('/') + 1)..])
        .Any(name => name.Equals(tag, StringComparison.OrdinalIgnoreCase) || name.Equals(tag + Extension, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether another one has the same content.</summary>
    public bool IsSameAs(GgufVariant other) =>
        Files.All(file => file.Digest is not null) && Files.Select(file => file.Digest).SequenceEqual(other.Files.Select(file => file.Digest));

    private static bool IsGguf(HubFile file) => file.Path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    private static bool IsModel(HubFile file)
    {
        if (!IsGguf(file) || IsProjector(file))
        {
            return false;
        }

        string name = file.Name[..^Extension.Length];
        bool isImportanceMatrix = HuggingFace.Quantization.IsWordOf(name, ImportanceMatrix)
            && (name.EndsWith(ImportanceMatrix, StringComparison.OrdinalIgnoreCase) || HuggingFace.Quantization.Find(name) is null);
        return !isImportanceMatrix;
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
