using Hearth.Store.References;
using Hearth.Store.Registries.Http;
using Hearth.Store.Registries.HuggingFace;

namespace Hearth.Store.Registries.Search;

/// <summary>Searches Hugging Face for repositories with GGUF files.</summary>
internal static class HuggingFaceSearch
{
    public static async Task<IReadOnlyList<FoundModel>> RunAsync(string term, int limit, RegistryOptions options, CancellationToken cancellationToken)
    {
        using RegistryHttp http = new(options.UseHuggingFace(), options, insecure: false, TimeProvider.System);
        HubClient client = new(http, HubToken.Find(null, insecure: false, options));
        return
        [
            .. from model in await client.SearchAsync(term, limit, cancellationToken)
               let name = $"{ModelReference.HuggingFaceHost}/{model.Id}"
               where ModelReference.TryParse(name, out _)
               select new FoundModel(name, model.Task ?? string.Empty, model.Downloads, model.Likes, "Hugging Face")
               {
                   Updated = model.LastModified ?? model.CreatedAt,
               },
        ];
    }
}
