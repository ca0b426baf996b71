using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.ModelRunner;

/// <summary>
/// Docker Model Runner's header <c>X-Preload-Only: true</c>: the model of a request is loaded, and the request itself is answered with nothing, whatever else
/// it says.
/// </summary>
internal sealed class PreloadOnly(ModelHost host)
{
    private const string Header = "X-Preload-Only";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || !AsksModels(context) || !string.Equals(context.Request.Headers[Header], "true", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }

        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        string name = new RequestReader(body.RootElement).RequiredText("model", "the model to load");
        await host.PreloadAsync(name, context.RequestAborted);
    }

    private static bool AsksModels(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RouteRule>()?.AnyOf.Contains(KeyScope.Inference) == true;
}
