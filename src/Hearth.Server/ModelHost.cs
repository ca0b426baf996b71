using System.Collections.Concurrent;
using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;

namespace Hearth.Server;

/// <summary>The models that a process has loaded, each under the name that clients use for it.</summary>
public sealed class ModelHost : IDisposable
{
    private readonly ConcurrentDictionary<string, ServedModel> _models = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly TimeProvider _time;

    /// <summary>A host without models.</summary>
    public ModelHost(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>The models, in the order in which they were added.</summary>
    public IEnumerable<ServedModel> Models => _names.Select(name => _models[name]);

    /// <summary>Serves a model, which the host then owns.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, LanguageModel model)
    {
        if (!_models.TryAdd(name, new ServedModel(name, model, _time.GetUtcNow())))
        {
            throw new ArgumentException($"A model named '{name}' is served already.", nameof(name));
        }

        _names.Add(name);
    }

    /// <summary>The model of a name; without a name, the first.</summary>
    /// <exception cref="ApiException">No such model.</exception>
    public ServedModel Find(string? name)
    {
        if (name is null && _names.Count > 0)
        {
            return _models[_names[0]];
        }

        return name is not null && _models.TryGetValue(name, out ServedModel? model) ? model : throw ApiException.ModelNotFound(name ?? string.Empty, _names);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ServedModel model in _models.Values)
        {
            model.Model.Dispose();
        }

        _models.Clear();
        _names.Clear();
    }
}

/// <summary>A model and the name that clients use for it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Model">The model.</param>
/// <param name="Created">When it was loaded.</param>
public sealed record ServedModel(string Name, LanguageModel Model, DateTimeOffset Created);
