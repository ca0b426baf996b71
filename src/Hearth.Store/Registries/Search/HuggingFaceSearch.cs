using Hearth.Store.References;
using Hearth.Store.Registries.Http;
using Hearth.Store.Registries.HuggingFace;

namespace Hearth.Store.Registries.Search;

/// <summary>Searches Hugging Face for repositories with GGUF files.</summary>
internal static class HuggingFaceSearch
{
    public static async Task<IReadOnlyList<FoundModel>> RunAsync(string term, int limit, RegistryOptions options, CancellationToken cancellationToken)
    {
        using RegistryHttp http = new(options.HuggingFace, options, insecure: false, TimeProvider.System);
        IReadOnlyList<HubModel> models = await new HubClient(http, HubToken.Find(null, insecure: false, options)).SearchAsync(term, limit, cancellationToken);
        return
        [
            .. from model in models
               where ModelReference.TryParse($"{ModelReference.HuggingFaceHost}/{model.Id}", out _)
               select new FoundModel($"{ModelReference.HuggingFaceHost}/{model.Id}", model.Task ?? string.Empty, model.Downloads, model.Likes, "Hugging Face") { Updated = model.LastModified ?? model.CreatedAt },
        ];
    }
}
