using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.OpenAi;

/// <summary><c>GET /v1/models</c>, <c>GET /v1/models/{id}</c> and <c>GET /health</c>.</summary>
internal sealed class ModelRoutes(ModelHost host)
{
    public Task ListAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(new ModelList([.. List(host)]), OpenAiJson.Web.ModelList, cancellationToken: context.RequestAborted);

    /// <summary>All models that requests can name. Names that are registered hide those of the store.</summary>
    public static IEnumerable<ModelEntry> List(ModelHost host)
    {
        IEnumerable<ModelEntry> registered = host.Models.Where(served => served.Id is null).Select(Entry);
        IEnumerable<ModelEntry> stored = host.Options.Store?.List().Select(model => new ModelEntry(model.DisplayName, model.Updated.ToUnixTimeSeconds())) ?? [];
        return registered.Concat(stored).DistinctBy(entry => entry.Id);
    }

    public Task GetAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(Find(host, context), OpenAiJson.Web.ModelEntry, cancellationToken: context.RequestAborted);

    /// <summary>The model that the path names.</summary>
    public static ModelEntry Find(ModelHost host, HttpContext context) =>
        Entry(host.Find(context.GetRouteValue("id") as string ?? throw ApiException.Invalid("The path names no model.", "id")));

    public static Task HealthAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(new HealthBody("ok"), OpenAiJson.Web.HealthBody, cancellationToken: context.RequestAborted);

    private static ModelEntry Entry(ServedModel served) => new(served.Name, served.Created.ToUnixTimeSeconds());
}
