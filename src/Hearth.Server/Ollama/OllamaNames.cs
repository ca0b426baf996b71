using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Server.Ollama;

/// <summary>The names of stored models: of each reference the shortest that finds the model again, always with its tag.</summary>
internal sealed class OllamaNames
{
    private readonly HashSet<string> _files;
    private readonly ILookup<string, ModelReference> _byName;
    private readonly ILookup<string, ModelReference> _byRepository;
    private readonly Dictionary<Digest, string> _first = [];

    /// <param name="models">The stored models.</param>
    /// <param name="files">Names of served files, which take precedence.</param>
    public OllamaNames(IReadOnlyList<StoredModel> models, IEnumerable<string> files)
    {
        _files = [.. files];
        ModelReference[] references = [.. models.SelectMany(model => model.References)];
        _byName = references.ToLookup(Short, StringComparer.OrdinalIgnoreCase);
        _byRepository = references.ToLookup(Long, StringComparer.OrdinalIgnoreCase);
        foreach (StoredModel model in models)
        {
            _first[model.Id] = model.References is [ModelReference first, ..] ? NameOf(first) : model.Id.Abbreviated;
        }
    }

    /// <summary>A model's name; null when it is not stored.</summary>
    public string? NameOf(Digest id) => _first.GetValueOrDefault(id);

    /// <summary>A reference's name.</summary>
    public string NameOf(ModelReference reference)
    {
        if (reference.Digest is not null || reference.Revision is not null)
        {
            return reference.Display;
        }

        string name = Short(reference);
        if (!_files.Contains(name) && !_files.Contains(reference.Name) && ModelReference.TryParse(name, out ModelReference? parsed) && IsFirst(reference, parsed, _byName[name]))
        {
            return name;
        }

        string repository = Long(reference);
        return reference.Kind != ReferenceKind.HuggingFace && ModelReference.TryParse(repository, out parsed) && IsFirst(reference, parsed, _byRepository[repository])
            ? repository
            : $"{reference.Registry}/{repository}";
    }

    // What a name means is the default registry's model, else Ollama's, else the only one of that name.
    private static bool IsFirst(ModelReference reference, ModelReference parsed, IEnumerable<ModelReference> same) =>
        reference.Equals(parsed)
        || (!same.Contains(parsed) && (reference.Kind == ReferenceKind.Ollama && reference.Repository.StartsWith(ModelReference.OllamaLibrary + "/", StringComparison.Ordinal) || !same.Skip(1).Any()));

    private static string Short(ModelReference reference) => $"{reference.Name}:{OllamaModels.TagOf(reference)}";

    private static string Long(ModelReference reference) => $"{reference.Repository}:{OllamaModels.TagOf(reference)}";
}
