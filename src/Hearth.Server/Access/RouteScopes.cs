using System.Collections.Frozen;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.Access;

/// <summary>A line of the table: what a key must have one of for some routes.</summary>
/// <param name="AnyOf">The scopes; <see cref="KeyScope.Admin"/> is enough everywhere.</param>
/// <param name="Routes">Methods and patterns; <c>*</c> stands for each prefix that an API has.</param>
internal sealed record RouteRule(IReadOnlyList<KeyScope> AnyOf, IReadOnlyList<string> Routes);

/// <summary>Which key may do what: the one table of all routes. A server that has a route which is not in it answers nothing.</summary>
internal static class RouteScopes
{
    private const string AnyMethod = "ANY";
    private static readonly string[] s_prefixes = [.. OpenAiApi.Prefixes, "/anthropic/v1"];

    /// <summary>The table.</summary>
    public static IReadOnlyList<RouteRule> Table { get; } =
    [
        new(Enum.GetValues<KeyScope>(),
        [
            "GET /", "GET /version", "GET /api/version", "GET /api/status", "GET /engines/status", "GET */health", "GET /health/live", "GET /health/ready", "GET /healthz", "GET /readyz",
            "GET /models/available", "POST */moderations", .. MissingRoutes.Folders.Select(folder => $"{AnyMethod} *{folder}/{{**rest}}"),
        ]),
        new([KeyScope.Inference, KeyScope.Models],
        [
            "GET */models", "GET */models/{**id}", "GET /models/{**name}", "GET /engines/ps", "GET /api/tags", "GET /api/ps", "POST /api/show",
        ]),
        new([KeyScope.Inference],
        [
            "POST */chat/completions", "POST */completions", "POST */embeddings", "POST */rerank", "POST */reranking", "POST */score",
            "POST */responses", "POST */responses/input_tokens", "GET */responses/{id}", "DELETE */responses/{id}", "GET */responses/{id}/input_items", "POST */responses/{id}/cancel",
            "POST */files", "GET */files", "GET */files/{id}", "GET */files/{id}/content", "DELETE */files/{id}",
            "POST */batches", "GET */batches", "GET */batches/{id}", "POST */batches/{id}/cancel",
            "POST */messages", "POST */messages/count_tokens",
            "POST /api/generate", "POST /api/chat", "POST /api/embed", "POST /api/embeddings",
            "POST /completion", "POST /infill", "POST /embedding", "POST /tokenize", "POST /detokenize", "POST /apply-template", "GET /props", "GET /slots", "GET /lora-adapters",
        ]),
        new([KeyScope.Models],
        [
            "POST /models/create", "POST /models/load", "POST /models/{**name}", "DELETE /models/{**name}", "GET /engines/df", "GET /status",
            "POST /engines/unload", "POST /engines/_configure", "GET /engines/_configure", "POST /engines/{engine}/_configure", "GET /engines/{engine}/_configure",
            "POST /api/copy", "DELETE /api/delete", "HEAD /api/blobs/{digest}", "POST /api/blobs/{digest}", "POST /api/pull", "POST /api/push", "POST /api/create",
            "POST /models/apply", "GET /models/jobs", "GET /models/jobs/{id:guid}", "POST /models/delete/{**name}",
        ]),
        new([KeyScope.Metrics], ["GET /metrics"]),
        new([KeyScope.Admin], ["GET /logs", "POST /props", "POST /slots/{id}", "POST /lora-adapters"]),
    ];

    private static readonly FrozenDictionary<string, RouteRule> s_rules = Table.SelectMany(rule => rule.Routes.Select(route => (route, rule))).ToFrozenDictionary(pair => pair.route, pair => pair.rule);

    /// <summary>Where routes are to be mapped: each gets the line of the table that it has.</summary>
    public static IEndpointRouteBuilder Group(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(string.Empty);
        ((IEndpointConventionBuilder)group).Finally(endpoint => endpoint.Metadata.Add(RuleOf((RouteEndpointBuilder)endpoint)));
        return group;
    }

    /// <summary>Lets a request pass whose key may ask its route, and one for which no key is wanted.</summary>
    /// <exception cref="Errors.ApiException">The key may not.</exception>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            Demand(context, endpoint.Metadata.GetMetadata<RouteRule>()?.AnyOf ?? [KeyScope.Admin]);
        }

        return next(context);
    }

    /// <summary>Makes sure that the key of a request is for what is done.</summary>
    /// <exception cref="Errors.ApiException">It is not.</exception>
    public static void Demand(HttpContext context, params IReadOnlyList<KeyScope> anyOf) =>
        context.Features.Get<ApiKey>()?.Demand($"{context.Request.Method} {context.Request.Path}", anyOf);

    private static RouteRule RuleOf(RouteEndpointBuilder endpoint)
    {
        string pattern = endpoint.RoutePattern.RawText ?? string.Empty;
        string method = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods[0] ?? AnyMethod;
        return s_rules.GetValueOrDefault($"{method} {pattern}")
            ?? s_prefixes.Where(prefix => pattern.StartsWith(prefix + "/", StringComparison.Ordinal)).Select(prefix => s_rules.GetValueOrDefault($"{method} *{pattern[prefix.Length..]}")).FirstOrDefault(rule => rule is not null)
            ?? throw new InvalidOperationException($"Nobody has said which keys may ask {method} {pattern}: {nameof(RouteScopes)} has to.");
    }
}
