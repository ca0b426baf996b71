using Hearth.Store.Manifests;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>The files of a repository that make up one model.</summary>
/// <param name="Weights">The GGUF file, or all parts of a split one in their order.</param>
/// <param name="Projector">The projector; null without one.</param>
/// <param name="ChatTemplate">The chat template; null without one beside the weights' own.</param>
/// <param name="Licenses">The licences.</param>
internal sealed record HubSelection(IReadOnlyList<HubFile> Weights, HubFile? Projector, HubFile? ChatTemplate, IReadOnlyList<HubFile> Licenses)
{
    private const int MaxShown = 40;
    private const int MaxTextBytes = 1 << 20;

    // Without a tag: what is usual, then what is smaller and nearly as good, then what is larger.
    private static readonly string[] s_preferred =
    [
        "Q4_K_M", "Q4_0", "UD-Q4_K_XL", "Q4_K_XL", "Q4_K_S", "Q4_K", "Q4", "MXFP4", "MXFP4_MOE", "IQ4_NL", "IQ4_XS", "Q4_1", "Q5_K_M", "Q6_K", "Q8_0", "Q8", "BF16", "F16",
    ];

    private static readonly string[] s_projectorPrecisions = ["F16", "BF16"];

    /// <summary>Everything that is fetched.</summary>
    public IEnumerable<HubFile> Files => [.. Weights, .. Projector is null ? [] : new[] { Projector }, .. ChatTemplate is null ? [] : new[] { ChatTemplate }, .. Licenses];

    /// <summary>
    /// Chooses. A tag is a file's name, or a quantisation, or other words of a path; the first of these that something matches decides. Without
    /// a tag the only model is taken, else the one of a usual quantisation.
    /// </summary>
    /// <param name="files">All files of the repository.</param>
    /// <param name="tag">What is asked for; null for the usual.</param>
    /// <param name="repository">The repository, for messages.</param>
    /// <exception cref="RegistryException">There is no such model, or several, or a part of it is missing.</exception>
    /// <exception cref="ManifestException">The repository has no GGUF model.</exception>
    public static HubSelection Choose(IReadOnlyList<HubFile> files, string? tag, string repository)
    {
        IReadOnlyList<GgufVariant> variants = GgufVariant.FindAll(files);
        if (variants.Count == 0)
        {
            throw NoModel(files, repository);
        }

        GgufVariant chosen = ChooseVariant(variants, tag, repository);
        if (chosen.Missing.Count > 0)
        {
            throw new RegistryException(
                RegistryErrorKind.Invalid,
                $"'{repository}' does not have all parts of '{chosen.Path}': {Shown(chosen.Missing.Select(number => $"{number}"))} of {chosen.Files.Count + chosen.Missing.Count} missing. Ask for another quantisation: {Offers(variants)}.");
        }

        return Complete(chosen, files);
    }

    /// <summary>Adds to a model what lies beside it, in its folder or at the top: a projector, a chat template and licences.</summary>
    public static HubSelection Complete(GgufVariant variant, IReadOnlyList<HubFile> files)
    {
        string[] folders = [.. new[] { variant.Folder, string.Empty }.Distinct()];
        return new HubSelection(variant.Files, ChooseProjector(files, folders), ChooseTemplate(files, folders), [.. Beside(files, folders).Where(IsLicense).DistinctBy(file => file.Name)]);
    }

    // In F16, else in BF16, else another.
    private static HubFile? ChooseProjector(IEnumerable<HubFile> files, IReadOnlyList<string> folders) =>
        Beside(files.Where(GgufVariant.IsProjector), folders)
            .OrderBy(file => IndexOf(folders, file.Folder))
            .ThenBy(file => Array.FindIndex(s_projectorPrecisions, precision => Quantization.Same(precision, Quantization.Find(file.Name))) is >= 0 and int rank ? rank : s_projectorPrecisions.Length)
            .ThenBy(file => file.Path, StringComparer.Ordinal)
            .FirstOrDefault();

    private static GgufVariant ChooseVariant(IReadOnlyList<GgufVariant> variants, string? tag, string repository)
    {
        IReadOnlyList<GgufVariant> matches = tag is null ? Usual(variants) : Matching(variants, tag);
        return matches switch
        {
            [GgufVariant only] => only,
            [] when tag is null => throw new RegistryException(
                RegistryErrorKind.NotFound, $"'{repository}' has none of the usual quantisations; say which of these to pull, as in 'hf.co/{repository}:TAG': {Offers(variants)}."),
            [] => throw new RegistryException(RegistryErrorKind.NotFound, $"'{repository}' has no '{tag}'; it has {Offers(variants)}."),
            _ when matches.Skip(1).All(match => match.Files.Select(file => file.Digest).SequenceEqual(matches[0].Files.Select(file => file.Digest)) && match.Files[0].Digest is not null) => matches[0],
            _ => throw new RegistryException(
                RegistryErrorKind.NotFound, $"'{repository}' has several models for '{tag ?? matches[0].Quantization}'; use one of these as the tag: {Shown(Names(matches))}."),
        };
    }

    private static IReadOnlyList<GgufVariant> Usual(IReadOnlyList<GgufVariant> variants) => variants.Count == 1
        ? variants
        : s_preferred.Select(preferred => variants.Where(variant => Quantization.Same(variant.Quantization, preferred)).ToArray()).FirstOrDefault(found => found.Length > 0) ?? [];

    private static GgufVariant[] Matching(IReadOnlyList<GgufVariant> variants, string tag)
    {
        Func<GgufVariant, bool>[] rules =
        [
            variant => variant.HasName(tag),
            variant => Quantization.Same(variant.Quantization, tag),
            variant => Quantization.Same(variant.Quantization, Quantization.DynamicPrefix + tag),
            variant => Quantization.IsWordOf(variant.Path, tag),
        ];
        return rules.Select(rule => variants.Where(rule).ToArray()).FirstOrDefault(found => found.Length > 0) ?? [];
    }

    // Files of the same name are told apart by their folders.
    private static IEnumerable<string> Names(IReadOnlyList<GgufVariant> variants)
    {
        string[] names = [.. variants.Select(variant => variant.Files[0].Name)];
        return names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Length ? names : variants.Select(variant => variant.Folder.Length > 0 ? variant.Folder : variant.Path);
    }

    private static HubFile? ChooseTemplate(IEnumerable<HubFile> files, IReadOnlyList<string> folders)
    {
        HubFile[] templates = [.. Beside(files, folders).Where(file => file.Path.EndsWith(".jinja", StringComparison.OrdinalIgnoreCase) && file.Size <= MaxTextBytes).OrderBy(file => IndexOf(folders, file.Folder))];
        return templates.FirstOrDefault(file => file.Name.Equals("chat_template.jinja", StringComparison.OrdinalIgnoreCase)) ?? (templates is [HubFile only] ? only : null);
    }

    private static bool IsLicense(HubFile file)
    {
        string extension = System.IO.Path.GetExtension(file.Name);
        return file.Size <= MaxTextBytes
            && (file.Name.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase) || file.Name.StartsWith("LICENCE", StringComparison.OrdinalIgnoreCase))
            && (extension.Length == 0 || extension.Equals(".md", StringComparison.OrdinalIgnoreCase) || extension.Equals(".txt", StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<HubFile> Beside(IEnumerable<HubFile> files, IReadOnlyList<string> folders) => files.Where(file => folders.Contains(file.Folder));

    private static int IndexOf(IReadOnlyList<string> folders, string folder) => folders[0] == folder ? 0 : 1;

    private static ManifestException NoModel(IReadOnlyList<HubFile> files, string repository)
    {
        bool hasSafetensors = files.Any(file => file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase));
        return new ManifestException(
            hasSafetensors
                ? $"'{repository}' has no GGUF model, only safetensors: look for a repository with GGUF files of it ('hearth search'), or make one with 'hearth convert'."
                : $"'{repository}' has no GGUF model; only those can be pulled from Hugging Face.",
            isUnsupported: true);
    }

    private static string Offers(IReadOnlyList<GgufVariant> variants) =>
        Shown(variants.Where(variant => variant.Missing.Count == 0).Select(variant => variant.Quantization ?? variant.Files[0].Name).Distinct(StringComparer.OrdinalIgnoreCase));

    private static string Shown(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(MaxShown)) + (all.Length > MaxShown ? $" and {all.Length - MaxShown} more" : string.Empty);
    }
}
