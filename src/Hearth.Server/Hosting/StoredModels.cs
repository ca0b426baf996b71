using Hearth.Engine.Gguf;
using Hearth.Server.Models;
using Hearth.Server.Settings;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Server.Hosting;

/// <summary>
/// Models of the store that requests have named. The store is asked each time, so that what another process pulls, tags or removes counts at once;
/// a model that has been named before keeps its place in memory whatever it is called.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="options">Settings, and whom to tell what goes wrong.</param>
/// <param name="time">The clock.</param>
internal sealed class StoredModels(ModelStore store, ModelHostOptions options, TimeProvider time)
{
    private const int MaxNames = 1024;
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, ServedModel> _served = [];
    private readonly Dictionary<string, StoredModel> _found = new(StringComparer.Ordinal);
    private DateTime? _stamp;

    /// <summary>The store.</summary>
    public ModelStore Store => store;

    /// <summary>Those that have been named, as far as they are still stored.</summary>
    public IReadOnlyList<ServedModel> Served
    {
        get
        {
            lock (_gate)
            {
                return [.. _served.Values];
            }
        }
    }

    /// <summary>Finds a model.</summary>
    /// <param name="name">The name, as <see cref="ModelStore.Find"/> takes it.</param>
    /// <param name="isTaken">Whether a name is that of another model.</param>
    /// <returns>The model; null when none of that name is stored.</returns>
    /// <exception cref="ModelNotFoundException">It may mean several.</exception>
    /// <exception cref="ManifestException">The model is of a kind that Hearth does not run.</exception>
    /// <exception cref="StoreException">A content is missing.</exception>
    public ServedModel? Find(string name, Func<string, bool> isTaken)
    {
        if (Look(name) is not StoredModel model)
        {
            return null;
        }

        try
        {
            return Serve(model, isTaken);
        }
        catch (Exception exception) when (exception is StoreException or GgufException or IOException && !Has(model.Id))
        {
            // Somebody has removed it since it was found.
            return null;
        }
    }

    /// <summary>Whether a model is stored.</summary>
    /// <exception cref="StoreException">The folder cannot be read.</exception>
    public bool Has(Digest id) => store.List().Any(model => model.Id == id);

    private ServedModel Serve(StoredModel model, Func<string, bool> isTaken)
    {
        lock (_gate)
        {
            if (!_served.TryGetValue(model.Id, out ServedModel? served))
            {
                bool IsTaken(string wanted) => isTaken(wanted) || _served.Values.Any(other => other.Name == wanted);
                string key = SettingsStore.KeyOf(model);
                string own = !IsTaken(model.DisplayName) ? model.DisplayName : !IsTaken(key) ? key : $"{key}@{model.Id}";
                ModelContent content = store.Open(model);
                ServedModelOptions packaged = PackagedDefaults.Read(content, options.Warn);
                packaged = packaged with { Load = packaged.Load with { Warn = options.Warn } };
                GgufPaths paths = new(content.Weights);
                served = new ServedModel(own, paths, key, packaged, ModelSettings.None, options.Settings?.Get(key) ?? ModelSettings.None, time.GetUtcNow()) { Id = model.Id };
                _served[model.Id] = served;
            }

            return served;
        }
    }

    // Finding reads every reference, which is too much for each request.
    private StoredModel? Look(string name)
    {
        DateTime? stamp = store.GetStamp();
        lock (_gate)
        {
            if (stamp != _stamp || _found.Count > MaxNames)
            {
                _found.Clear();
                _stamp = stamp;
            }

            if (stamp is not null && _found.TryGetValue(name, out StoredModel? known))
            {
                return known;
            }
        }

        StoredModel? model = store.Find(name);
        if (model is not null)
        {
            lock (_gate)
            {
                if (stamp is not null && stamp == _stamp)
                {
                    _found[name] = model;
                }
            }
        }

        return model;
    }

    /// <summary>Forgets models that are not stored any more.</summary>
    /// <returns>They, to be unloaded.</returns>
    public IReadOnlyList<ServedModel> ForgetRemoved()
    {
        HashSet<Digest> stored = [.. store.List().Select(model => model.Id)];
        lock (_gate)
        {
            ServedModel[] gone = [.. _served.Where(entry => !stored.Contains(entry.Key)).Select(entry => entry.Value)];
            foreach (ServedModel served in gone)
            {
                _served.Remove(served.Id!.Value);
            }

            return gone;
        }
    }
}
