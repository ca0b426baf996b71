using Hearth.Server.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.OpenAi;

/// <summary>Routes of OpenAI's that Hearth does not have: each is refused by its name.</summary>
internal static class MissingRoutes
{
    /// <summary>The folders that they are in.</summary>
    public static IReadOnlyList<string> Folders { get; } =
    [
        "/assistants", "/audio", "/chatkit", "/containers", "/evals", "/fine_tuning", "/images", "/organization", "/realtime", "/threads", "/uploads", "/vector_stores", "/videos",
    ];

    /// <summary>Maps them below a prefix.</summary>
    public static void Map(IEndpointRouteBuilder routes, string prefix)
    {
        foreach (string folder in Folders)
        {
            routes.Map(prefix + folder + "/{**rest}", Refuse);
        }

        routes.MapPost(prefix + "/moderations", RefuseModeration);
    }

    private static Task Refuse(HttpContext context) => throw new ApiException(
        404,
        "invalid_request_error",
        $"Hearth does not have {context.Request.Method} {context.Request.Path}. docs/api.md lists the routes that there are.",
        null,
        "route_not_supported");

    private static Task RefuseModeration(HttpContext context) => throw new ApiException(
        404,
        "invalid_request_error",
        $"Hearth has no moderation model, so {context.Request.Path} judges nothing. Ask a chat model for a judgement instead, with a schema as response_format.",
        null,
        "no_moderation_model");
}
