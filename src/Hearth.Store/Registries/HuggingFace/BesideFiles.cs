namespace Hearth.Store.Registries.HuggingFace;

/// <summary>Finds what lies beside a model, in its folder or at the top of the repository: a projector, a chat template and licences.</summary>
internal static class BesideFiles
{
    private const int MaxTextBytes = 1 << 20;
    private static readonly string[] s_precisions = ["F16", "BF16"];
    private static readonly string[] s_licenseNames = ["LICENSE", "LICENCE"];
    private static readonly string[] s_licenseExtensions = [string.Empty, ".md", ".txt"];

    /// <summary>Adds it to the model.</summary>
    public static HubSelection Complete(GgufVariant variant, IReadOnlyList<HubFile> files)
    {
        // Those of the model's own folder come first.
        HubFile[] beside =
        [
            .. files.Where(file => file.Folder == variant.Folder || file.Folder.Length == 0)
                .OrderByDescending(file => file.Folder == variant.Folder).ThenBy(file => file.Path, StringComparer.Ordinal),
        ];
        IEnumerable<HubFile> projectors = beside.Where(GgufVariant.IsProjector);
        HubFile? projector = projectors.OrderByDescending(file => file.Folder == variant.Folder).ThenBy(Precision).FirstOrDefault();
        return new HubSelection(variant.Files, projector, ChooseTemplate(beside), [.. beside.Where(IsLicense).DistinctBy(file => file.Name)]);
    }

    private static int Precision(HubFile projector)
    {
        string? found = Quantization.Find(projector.Name);
        int rank = Array.FindIndex(s_precisions, precision => Quantization.Same(precision, found));
        return rank < 0 ? s_precisions.Length : rank;
    }

    private static HubFile? ChooseTemplate(IEnumerable<HubFile> beside)
    {
        HubFile[] templates =
        [
            .. beside.Where(file => file.Name.EndsWith(".jinja", StringComparison.OrdinalIgnoreCase) && file.Size <= MaxTextBytes),
        ];
        return templates.FirstOrDefault(file => file.Name.Equals("chat_template.jinja", StringComparison.OrdinalIgnoreCase))
            ?? (templates is [HubFile only] ? only : null);
    }

    private static bool IsLicense(HubFile file) =>
        file.Size <= MaxTextBytes
        && s_licenseNames.Any(name => file.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase))
        && s_licenseExtensions.Contains(Path.GetExtension(file.Name), StringComparer.OrdinalIgnoreCase);
}
