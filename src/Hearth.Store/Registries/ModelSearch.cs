namespace Hearth.Store.Registries;

/// <summary>A model that a search has found.</summary>
/// <param name="Name">The name to pull it by.</param>
/// <param name="Description">What it is.</param>
/// <param name="Downloads">How often it was fetched.</param>
/// <param name="Stars">How many like it.</param>
/// <param name="Source"><c>Docker Hub</c> or <c>Hugging Face</c>.</param>
public sealed record FoundModel(string Name, string Description, long Downloads, long Stars, string Source)
{
    /// <summary>When it was last changed, where that is known.</summary>
    public DateTimeOffset? Updated { get; init; }
}

/// <summary>Where to search.</summary>
public enum SearchSource
{
    /// <summary>Everywhere.</summary>
    All,

    /// <summary>The models of Docker Hub.</summary>
    DockerHub,

    /// <summary>The GGUF models of Hugging Face.</summary>
    HuggingFace,
}

/// <summary>Searches for models to pull.</summary>
public static class ModelSearch
{
    /// <summary>Searches.</summary>
    /// <param name="term">What to search for; empty for what is fetched most.</param>
    /// <param name="source">Where.</param>
    /// <param name="limit">How many to give at most.</param>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">A registry cannot be used.</exception>
    public static Task<IReadOnlyList<FoundModel>> SearchAsync(string term, SearchSource source, int limit, RegistryOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
