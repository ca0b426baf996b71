using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Server.Ollama;

/// <summary>
/// Finds models by the names that Ollama's programs use. A name without a registry means what the rest of Hearth means by it, and where that is
/// nothing, a model of Ollama's registry; <c>:latest</c> may be left out.
/// </summary>
internal sealed class OllamaModels(ModelHost host)
{
    private const string LatestEnd = ":" + ModelReference.DefaultTag;

    public ModelHost Host => host;

    /// <summary>The store.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public ModelStore Store => host.Options.Store ?? throw OllamaErrors.Invalid("this server serves files only and stores no models");

    /// <summary>The model of a name, as requests want it.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public ServedModel Find(string? name)
    {
        foreach (string form in Forms(name))
        {
            try
            {
                return host.Find(form);
            }
            catch (ApiException exception) when (exception.Code == "model_not_found")
            {
                // The next form may be right.
            }
            catch (ModelNotFoundException)
            {
                // It may mean several, and the next form one of them.
            }
        }

        throw OllamaErrors.NotFound(name);
    }

    /// <summary>The model of a name, to continue text with.</summary>
    /// <param name="name">The name.</param>
    /// <param name="capability">What it is asked to do, for the message.</param>
    public ServedModel FindLanguage(string? name, string capability)
    {
        ServedModel served = Find(name);
        return served.IsEmbedder ? throw OllamaErrors.Invalid($"\"{name}\" does not support {capability}") : served;
    }

    /// <summary>Loads a model to continue text with.</summary>
    /// <param name="served">The model.</param>
    /// <param name="keepAlive">How long it stays; null for its own time.</param>
    /// <param name="context">Tokens of context that it has to have; null for its own.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ModelLease<LanguageModel>> LeaseAsync(ServedModel served, TimeSpan? keepAlive, int? context, CancellationToken cancellationToken)
    {
        if (context is int tokens)
        {
            host.RaiseContext(served, tokens, "options.num_ctx");
        }

        return host.LeaseAsync(served, keepAlive, cancellationToken);
    }

    /// <summary>The served file of a name; null when there is none.</summary>
    public ServedModel? FindFile(string? name) => Forms(name).Select(form => host.Models.FirstOrDefault(model => model.Id is null && model.Name == form)).FirstOrDefault(model => model is not null);

    /// <summary>The stored model of a name, and the form of the name that the store knows; null when there is none.</summary>
    public (StoredModel Model, string Name)? FindStored(string? name)
    {
        if (host.Options.Store is not ModelStore store)
        {
            return null;
        }

        foreach (string form in Forms(name))
        {
            try
            {
                if (store.Find(form) is StoredModel model)
                {
                    return (model, form);
                }
            }
            catch (ModelNotFoundException)
            {
                // It may mean several, and the next form one of them.
            }
        }

        return null;
    }

    /// <summary>The reference by which a stored model has a name; null where the name is its ID, or nothing.</summary>
    public ModelReference? FindReference(string name)
    {
        if (FindStored(name) is not (StoredModel model, string form) || TryParse(form) is not ModelReference wanted)
        {
            return null;
        }

        return model.References.FirstOrDefault(reference => reference.Equals(wanted))
            ?? model.References.FirstOrDefault(reference => reference.Name.Equals(wanted.Name, StringComparison.OrdinalIgnoreCase)
                && TagOf(reference).Equals(TagOf(wanted), StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The reference for something new of a name, or of what has the name already; null when it is no name.</summary>
    public ModelReference? TargetOf(string? name) => name is null || TryParse(name) is not { Digest: null } reference ? null : FindReference(name) ?? reference;

    /// <summary>The stored model that has a reference; null when none has.</summary>
    public StoredModel? HolderOf(ModelReference reference) => Store.List().FirstOrDefault(model => model.References.Contains(reference));

    /// <summary>Removes a model that had a reference until another one got it, unless it has more.</summary>
    /// <param name="model">The model; null for none.</param>
    /// <returns>Whether it was removed.</returns>
    public bool RemoveReplaced(StoredModel? model)
    {
        bool isLeft = model is not null && Store.List().Any(stored => stored.Id == model.Id && stored.References.Count == 0);
        if (isLeft)
        {
            Store.Remove(model!.Id.ToString());
            host.ForgetRemoved();
        }

        return isLeft;
    }

    /// <summary>The reference of a name at its registry, which is Ollama's where the name says nothing and nothing stored has it; null when it is no name.</summary>
    public ModelReference? SourceOf(string? name) => name is null ? null : FindReference(name) ?? TryParse(HasHost(name) ? name : $"{ModelReference.OllamaHost}/{name}");

    /// <summary>Reads a reference; null when it is not one.</summary>
    public ModelReference? TryParse(string text)
    {
        try
        {
            return Store.ParseReference(text);
        }
        catch (ReferenceException)
        {
            return null;
        }
    }

    /// <summary>The name of a served model.</summary>
    /// <param name="served">The model.</param>
    /// <param name="stored">The names of stored models.</param>
    public static string NameOf(ServedModel served, OllamaNames stored) =>
        served.Id is Digest id ? stored.NameOf(id) ?? served.Name : WithTag(served.Name);

    /// <summary>A name as Ollama completes it, for messages that have it so.</summary>
    public static string FullNameOf(string name) =>
        WithTag(HasHost(name) ? name : $"{ModelReference.OllamaHost}/{(name.Contains('/') ? name : $"{ModelReference.OllamaLibrary}/{name}")}");

    /// <summary>A digest of a served model: that of its manifest, or of a file, one that changes when the file does, without reading it.</summary>
    public static string DigestOf(ServedModel served) => (served.Id ?? Digest.Of(System.Text.Encoding.UTF8.GetBytes(
        $"{served.Path}\n{new FileInfo(served.Path) switch { { Exists: true } file => $"{file.Length}\n{file.LastWriteTimeUtc.Ticks}", _ => "gone" }}"))).Hex;

    internal static string TagOf(ModelReference reference) => reference.Tag ?? ModelReference.DefaultTag;

    private static IEnumerable<string> Forms(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            yield break;
        }

        yield return name;
        if (name.EndsWith(LatestEnd, StringComparison.OrdinalIgnoreCase))
        {
            yield return name[..^LatestEnd.Length];
        }

        if (!HasHost(name))
        {
            yield return $"{ModelReference.OllamaHost}/{name}";
        }
    }

    private static string WithTag(string name) => name.LastIndexOf(':') > name.LastIndexOf('/') ? name : name + LatestEnd;

    private static bool HasHost(string name) => name.IndexOf('/') is > 0 and int slash && (name.AsSpan(0, slash).ContainsAny('.', ':') || name.AsSpan(0, slash).SequenceEqual("localhost"));
}
