namespace Hearth.Store.Storage;

/// <summary>No model of that name is stored.</summary>
/// <param name="name">The name.</param>
/// <param name="candidates">Models that it might mean; more than one where it is not clear which.</param>
public sealed class ModelNotFoundException(string name, IReadOnlyList<string>? candidates = null) : Exception(Describe(name, candidates ?? []))
{
    /// <summary>The name.</summary>
    public string Name => name;

    private static string Describe(string name, IReadOnlyList<string> candidates) => candidates.Count switch
    {
        0 => $"There is no model '{name}' here; 'hearth pull {name}' gets it, 'hearth list' shows what there is.",
        1 => $"There is no model '{name}' here; did you mean '{candidates[0]}'?",
        _ => $"'{name}' may mean {string.Join(", ", candidates)}; say which.",
    };
}
