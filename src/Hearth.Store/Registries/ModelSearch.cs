using Hearth.Store.Registries.Search;

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

/// <summary>What a search has found.</summary>
/// <param name="Models">The models: Docker Hub's first, of each place those first that are fetched most.</param>
/// <param name="Warnings">Why a place could not be asked, where another could; for people.</param>
public sealed record ModelSearchResult(IReadOnlyList<FoundModel> Models, IReadOnlyList<string> Warnings);

/// <summary>Searches for models to pull.</summary>
public static class ModelSearch
{
    /// <summary>The most models that are given.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Searches.</summary>
    /// <param name="term">What to search for, any words in any order; empty for what is fetched most.</param>
    /// <param name="source">Where.</param>
    /// <param name="limit">How many to give at most, from 1 to <see cref="MaxLimit"/>.</param>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">None of the places can be asked.</exception>
    public static async Task<ModelSearchResult> SearchAsync(
        string term, SearchSource source, int limit, RegistryOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(term);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        List<Task<IReadOnlyList<FoundModel>>> searches = [];
        if (source is SearchSource.All or SearchSource.DockerHub)
        {
            searches.Add(DockerHubSearch.RunAsync(term.Trim(), options, cancellationToken));
        }

        if (source is SearchSource.All or SearchSource.HuggingFace)
        {
            searches.Add(HuggingFaceSearch.RunAsync(term.Trim(), limit, options, cancellationToken));
        }

        List<FoundModel> models = [];
        List<RegistryException> failures = [];
        foreach (Task<IReadOnlyList<FoundModel>> search in searches)
        {
            try
            {
                models.AddRange(await search);
            }
            catch (RegistryException exception)
            {
                failures.Add(exception);
            }
        }

        return failures.Count == searches.Count
            ? throw failures[0]
            : new ModelSearchResult([.. models.Take(limit)], [.. failures.Select(failure => failure.Message)]);
    }
}
