using System.Text.RegularExpressions;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.Anthropic;

/// <summary>The routes of Anthropic's API.</summary>
internal static partial class AnthropicApi
{
    private const string VersionHeader = "anthropic-version";
    private static readonly string[] s_prefixes = ["/v1", "/anthropic/v1", "/engines/v1", "/engines/{engine}/v1"];

    public static void Map(IEndpointRouteBuilder routes, ModelHost host)
    {
        Messages messages = new(host);
        ModelCatalog models = new(host);
        foreach (string prefix in s_prefixes)
        {
            routes.MapPost(prefix + "/messages", messages.HandleAsync);
            routes.MapPost(prefix + "/messages/count_tokens", messages.CountAsync);
        }

        routes.MapGet("/anthropic/v1/models", models.ListAsync);
        routes.MapGet("/anthropic/v1/models/{**id}", models.GetAsync);
    }

    /// <summary>Lists models to Anthropic's clients on a path that is also another API's.</summary>
    public static RequestDelegate ListModels(ModelHost host, RequestDelegate otherwise) => Choose(new ModelCatalog(host).ListAsync, otherwise);

    /// <summary>Shows a model to Anthropic's clients on a path that is also another API's.</summary>
    public static RequestDelegate GetModel(ModelHost host, RequestDelegate otherwise) => Choose(new ModelCatalog(host).GetAsync, otherwise);

    /// <summary>Whether a request is one of Anthropic's API.</summary>
    public static bool IsMeant(HttpRequest request) =>
        request.Headers.ContainsKey(VersionHeader) || request.Path.StartsWithSegments("/anthropic") || MessagesPath().IsMatch(request.Path.Value ?? string.Empty);

    /// <summary>Gives an answer the request's ID in the header where Anthropic's clients look for it.</summary>
    public static void NameRequest(HttpResponse response) => response.Headers["request-id"] = response.HttpContext.TraceIdentifier;

    private static RequestDelegate Choose(RequestDelegate own, RequestDelegate otherwise) => context => IsMeant(context.Request) ? own(context) : otherwise(context);

    [GeneratedRegex(@"^(/engines(/[^/]+)?)?/v1/messages(/|\z)", RegexOptions.IgnoreCase)]
    private static partial Regex MessagesPath();
}
