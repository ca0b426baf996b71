using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.OpenAi;

/// <summary><c>GET /v1/models</c>, <c>GET /v1/models/{id}</c> and <c>GET /health</c>.</summary>
internal sealed class ModelRoutes(ModelHost host)
{
    public Task ListAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(new ModelList([.. host.Models.Select(Entry)]), OpenAiJson.Web.ModelList, cancellationToken: context.RequestAborted);

    public Task GetAsync(HttpContext context)
    {
        string id = context.GetRouteValue("id") as string ?? throw ApiException.Invalid("The path names no model.", "id");
        return context.Response.WriteAsJsonAsync(Entry(host.Find(id)), OpenAiJson.Web.ModelEntry, cancellationToken: context.RequestAborted);
    }

    public static Task HealthAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(new HealthBody("ok"), OpenAiJson.Web.HealthBody, cancellationToken: context.RequestAborted);

    private static ModelEntry Entry(ServedModel served) => new(served.Name, served.Created.ToUnixTimeSeconds());
}
