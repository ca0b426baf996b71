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

    // Without a tag: what is usual, then what is smaller and nearly as good, then what is larger.
    private static readonly string[] s_preferred =
    [
        "Q4_K_M", "Q4_0", "UD-Q4_K_XL", "Q4_K_XL", "Q4_K_S", "Q4_K", "Q4", "MXFP4", "MXFP4_MOE", "IQ4_NL", "IQ4_XS", "Q4_1", "Q5_K_M",
        "Q6_K", "Q8_0", "Q8", "BF16", "F16",
    ];

    /// <summary>Everything that is fetched.</summary>
    public IEnumerable<HubFile> Files => [.. Weights, .. new[] { Projector, ChatTemplate }.OfType<HubFile>(), .. Licenses];

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
        if (!chosen.IsWhole)
        {
            string missing = $"{Shown(chosen.Missing.Select(number => $"{number}"))} of {chosen.Parts} missing";
            throw new RegistryException(
                RegistryErrorKind.Invalid,
                $"'{repository}' does not have all parts of '{chosen.Path}': {missing}. Ask for another quantisation: {Offers(variants)}.");
        }

        return BesideFiles.Complete(chosen, files);
    }

    private static GgufVariant ChooseVariant(IReadOnlyList<GgufVariant> variants, string? tag, string repository)
    {
        IReadOnlyList<GgufVariant> matches = tag is null ? Usual(variants) : Matching(variants, tag);
        if (matches.Count == 1 || (matches.Count > 1 && matches.All(match => match.IsSameAs(matches[0]))))
        {
            return matches[0];
        }

        throw new RegistryException(RegistryErrorKind.NotFound, $"'{repository}' " + (matches.Count > 1
            ? $"has several models for '{tag ?? matches[0].Quantization}'; use one of these as the tag: {Shown(Names(matches))}."
            : tag is null
            ? $"has none of the usual quantisations; say which of these to pull, as in 'hf.co/{repository}:TAG': {Offers(variants)}."
            : $"has no '{tag}'; it has {Offers(variants)}."));
    }

    private static IReadOnlyList<GgufVariant> Usual(IReadOnlyList<GgufVariant> variants) => variants.Count == 1
        ? variants
        : FirstWithAny(s_preferred.Select(preferred => variants.Where(variant => Quantization.Same(variant.Quantization, preferred))));

    private static GgufVariant[] Matching(IReadOnlyList<GgufVariant> variants, string tag) => FirstWithAny(
    [
        variants.Where(variant => variant.HasName(tag)),
        variants.Where(variant => Quantization.Same(variant.Quantization, tag)),
        variants.Where(variant => Quantization.Same(variant.Quantization, Quantization.DynamicPrefix + tag)),
        variants.Where(variant => Quantization.IsWordOf(variant.Path, tag)),
    ]);

    private static GgufVariant[] FirstWithAny(IEnumerable<IEnumerable<GgufVariant>> choices) =>
        choices.Select(choice => choice.ToArray()).FirstOrDefault(choice => choice.Length > 0) ?? [];

    // Files of the same name are told apart by their folders.
    private static IEnumerable<string> Names(IReadOnlyList<GgufVariant> variants)
    {
        string[] names = [.. variants.Select(variant => variant.Files[0].Name)];
        return names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Length
            ? names
            : variants.Select(variant => variant.Folder.Length > 0 ? variant.Folder : variant.Path);
    }

    private static ManifestException NoModel(IReadOnlyList<HubFile> files, string repository)
    {
        bool hasSafetensors = files.Any(file => file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase));
        string advice = hasSafetensors
            ? "only safetensors: look for a repository with GGUF files of it ('hearth search'), or make one with 'hearth convert'."
            : "and only those can be pulled from Hugging Face.";
        return new ManifestException($"'{repository}' has no GGUF model, {advice}", isUnsupported: true);
    }

    private static string Offers(IReadOnlyList<GgufVariant> variants) => Shown(
        variants.Where(variant => variant.IsWhole)
            .Select(variant => variant.Quantization ?? variant.Files[0].Name)
            .Distinct(StringComparer.OrdinalIgnoreCase));

    private static string Shown(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(MaxShown)) + (all.Length > MaxShown ? $" and {all.Length - MaxShown} more" : string.Empty);
    }
}
