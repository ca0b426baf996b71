using Hearth.Server.Anthropic;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi.Responses;
using Hearth.Server.Reranking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.OpenAi;

/// <summary>OpenAI's API, and what others have added to it: ranks, health.</summary>
internal static class OpenAiApi
{
    /// <summary>Where its routes are: Docker Model Runner's clients name an engine, LocalAI's mount them in a folder; there is one engine here, whatever they call it.</summary>
    public static IReadOnlyList<string> Prefixes { get; } = ["/v1", string.Empty, "/engines", "/engines/v1", "/engines/{engine}", "/engines/{engine}/v1", "/openai/v1"];

    public static void Map(IEndpointRouteBuilder routes, ModelHost host, TimeProvider time, ResponseRoutes responses)
    {
        ChatCompletions chat = new(host, time);
        TextCompletions completions = new(host, time);
        Embeddings embeddings = new(host);
        Rerank rerank = new(host);
        Score score = new(host, time);
        ModelRoutes models = new(host);
        foreach (string prefix in Prefixes)
        {
            routes.MapPost(prefix + "/chat/completions", chat.HandleAsync);
            routes.MapPost(prefix + "/completions", completions.HandleAsync);
            responses.Map(routes, prefix);
            routes.MapPost(prefix + "/embeddings", embeddings.HandleAsync);
            routes.MapPost(prefix + "/rerank", rerank.HandleAsync);
            routes.MapPost(prefix + "/reranking", rerank.HandleAsync);
            routes.MapPost(prefix + "/score", score.HandleAsync);
            MissingRoutes.Map(routes, prefix);
            // Without a prefix they are Docker Model Runner's, which are about what is stored.
            if (prefix.Length > 0 || host.Options.Store is null)
            {
                routes.MapGet(prefix + "/models", AnthropicApi.ListModels(host, models.ListAsync));
                routes.MapGet(prefix + "/models/{**id}", AnthropicApi.GetModel(host, models.GetAsync));
            }

            routes.MapGet(prefix + "/health", ModelRoutes.HealthAsync);
        }
    }
}
