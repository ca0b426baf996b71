using System.Text.Json;
using System.Text.Json.Serialization;
using Hearth.Store.References;
using Hearth.Store.Registries.Http;

namespace Hearth.Store.Registries.Search;

/// <summary>Searches Docker Hub's models. Its API lists them; what fits is found here.</summary>
internal static class DockerHubSearch
{
    private const int PageSize = 100;
    private const int MaxPages = 20;
    private const int MaxPageBytes = 8 << 20;

    public static async Task<IReadOnlyList<FoundModel>> RunAsync(string term, RegistryOptions options, CancellationToken cancellationToken)
    {
        using RegistryHttp http = new(options.DockerHubSearch, options, insecure: false, TimeProvider.System);
        string place = options.DefaultRegistry == ModelReference.DockerHub ? string.Empty : $"{ModelReference.DockerHub}/";
        string[] words = term.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. from repository in await ListAsync(http, cancellationToken)
               let name = $"{place}{ModelReference.DefaultOrganization}/{repository.Name}"
               where ModelReference.TryParse(name, out _)
               let text = $"{name} {repository.Description}"
               where words.All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase))
               orderby repository.PullCount descending
               select new FoundModel(name, repository.Description ?? string.Empty, repository.PullCount, repository.StarCount, "Docker Hub")
               {
                   Updated = repository.LastUpdated,
               },
        ];
    }

    private static async Task<List<DockerHubRepository>> ListAsync(RegistryHttp http, CancellationToken cancellationToken)
    {
        List<DockerHubRepository> repositories = [];
        string first = $"/v2/namespaces/{ModelReference.DefaultOrganization}/repositories?page_size={PageSize}&ordering=pull_count";
        Uri? next = new(http.Options.DockerHubSearch, first);
        for (int pages = 0; next is not null; pages++)
        {
            if (pages == MaxPages)
            {
                throw Invalid(http, $"lists models on more than {MaxPages} pages");
            }

            (_, byte[] body) = await http.ReadAsync(new RegistryRequest(HttpMethod.Get, next), MaxPageBytes, cancellationToken);
            DockerHubPage page;
            try
            {
                page = JsonSerializer.Deserialize(body, DockerHubJson.Default.DockerHubPage) ?? new DockerHubPage(null, null);
            }
            catch (JsonException exception)
            {
                throw Invalid(http, $"sends no valid list of models: {exception.Message}", exception);
            }

            repositories.AddRange((page.Results ?? []).OfType<DockerHubRepository>());
            next = !string.IsNullOrEmpty(page.Next) && Uri.TryCreate(next, page.Next, out Uri? rest) ? rest : null;
            if (next is not null && !RegistryHttp.IsSameOrigin(next, http.Origin))
            {
                throw new RegistryException(
                    RegistryErrorKind.Refused,
                    $"{RegistryHttp.Redact(http.Origin)} leads to {RegistryHttp.Redact(next)} for the rest of its list, which is another place.");
            }
        }

        return repositories;
    }

    private static RegistryException Invalid(RegistryHttp http, string what, Exception? inner = null) =>
        new(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(http.Origin)} {what}.", inner);
}

/// <summary>A page of Docker Hub's list of repositories.</summary>
internal sealed record DockerHubPage(string? Next, IReadOnlyList<DockerHubRepository?>? Results);

/// <summary>A repository of Docker Hub.</summary>
internal sealed record DockerHubRepository(string? Name, string? Description, long PullCount, long StarCount, DateTimeOffset? LastUpdated);

/// <summary>The JSON of Docker Hub's API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DockerHubPage))]
internal sealed partial class DockerHubJson : JsonSerializerContext;
