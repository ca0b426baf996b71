using Hearth.Store.References;

namespace Hearth.Store.Storage;

/// <summary>Finds the model that a name means.</summary>
internal static class ModelFinder
{
    private const string DigestPrefix = "sha256:";
    private const int MinIdDigits = 12;
    private const int MaxIdDigits = 64;

    /// <summary>The models that references point to, by their names; those without a reference last.</summary>
    public static IReadOnlyList<StoredModel> Group(IReadOnlyList<CatalogEntry> entries)
    {
        Dictionary<string, List<CatalogEntry>> groups = new(entries.Count, StringComparer.Ordinal);
        foreach (CatalogEntry entry in entries)
        {
            if (!groups.TryGetValue(entry.Id.Hex, out List<CatalogEntry>? group))
            {
                groups.Add(entry.Id.Hex, group = []);
            }

            group.Add(entry);
        }

        StoredModel[] models = [.. groups.Values.Select(ToModel)];
        Array.Sort([.. models.Select(model => (model.References.Count == 0 ? "1" : "0") + model.DisplayName)], models, StringComparer.OrdinalIgnoreCase);
        return models;
    }

    /// <summary>Finds a model; null when there is none.</summary>
    /// <param name="models">All models.</param>
    /// <param name="name">A reference in any form, an ID or its beginning, or the last part of a repository.</param>
    /// <param name="defaultRegistry">The registry of names without one.</param>
    /// <exception cref="ModelNotFoundException">It may mean several.</exception>
    public static FoundModel? Find(IReadOnlyList<StoredModel> models, string name, string defaultRegistry)
    {
        ArgumentNullException.ThrowIfNull(name);
        string trimmed = name.Trim();
        ModelReference? reference = TryParse(trimmed, defaultRegistry);
        return FindExact(models, reference) ?? FindById(models, reference, trimmed) ?? FindByLastPart(models, reference, trimmed);
    }

    private static StoredModel ToModel(List<CatalogEntry> entries)
    {
        CatalogEntry latest = entries[0];
        foreach (CatalogEntry entry in entries)
        {
            latest = entry.Record.Updated > latest.Record.Updated ? entry : latest;
        }

        ModelReference[] references = [.. entries.Select(entry => entry.Reference).OfType<ModelReference>()];
        Array.Sort([.. references.Select(reference => reference.Display)], references, StringComparer.OrdinalIgnoreCase);
        return new StoredModel { Id = latest.Id, References = references, Size = latest.Record.Size, Updated = latest.Record.Updated, Facts = latest.Record.Facts };
    }

    private static ModelReference? TryParse(string name, string defaultRegistry)
    {
        try
        {
            return ModelReference.Parse(name, defaultRegistry);
        }
        catch (ReferenceException)
        {
            return null;
        }
    }

    private static FoundModel? FindExact(IReadOnlyList<StoredModel> models, ModelReference? reference) => reference is null
        ? null
        : models.Where(model => model.References.Contains(reference)).Select(model => new FoundModel(model, [reference])).FirstOrDefault();

    private static FoundModel? FindById(IReadOnlyList<StoredModel> models, ModelReference? reference, string name)
    {
        string digits = reference?.Digest?.Hex ?? (name.StartsWith(DigestPrefix, StringComparison.Ordinal) ? name[DigestPrefix.Length..] : name);
        if (digits.Length is < MinIdDigits or > MaxIdDigits || !digits.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        StoredModel[] found = [.. models.Where(model => model.Id.Hex.StartsWith(digits, StringComparison.Ordinal))];
        return found.Length > 1
            ? throw new ModelNotFoundException(name, [.. found.Select(model => model.Id.ToString())])
            : found.Select(model => new FoundModel(model, [])).FirstOrDefault();
    }

    private static FoundModel? FindByLastPart(IReadOnlyList<StoredModel> models, ModelReference? wanted, string name)
    {
        if (wanted is null || wanted.Digest is not null || name.Contains('/'))
        {
            return null;
        }

        FoundModel[] found =
        [
            .. models.Select(model => new FoundModel(model, [.. model.References.Where(reference => IsCalled(reference, wanted.Name, wanted.Tag))]))
                .Where(candidate => candidate.Matched.Count > 0),
        ];
        return found.Length > 1
            ? throw new ModelNotFoundException(name, [.. found.SelectMany(candidate => candidate.Matched).Select(reference => reference.Display)])
            : found.FirstOrDefault();
    }

    private static bool IsCalled(ModelReference reference, string name, string? tag) =>
        reference.Digest is null && reference.Revision is null && reference.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
        && (reference.Tag ?? ModelReference.DefaultTag).Equals(tag, reference.Kind == ReferenceKind.Oci ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
}

/// <summary>A model that a name means.</summary>
/// <param name="Model">The model.</param>
/// <param name="Matched">Those of its references that the name means; none where it is the ID.</param>
internal sealed record FoundModel(StoredModel Model, IReadOnlyList<ModelReference> Matched);
