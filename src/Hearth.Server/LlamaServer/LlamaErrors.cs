using System.Text.Json;
using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.LlamaServer;

/// <summary>llama-server's error object, whose code is the status.</summary>
internal static class LlamaErrors
{
    public static LlamaFailure Body(ApiException error) => new(new LlamaFailureDetail(error.Status, error.Message, TypeOf(error))
    {
        NPromptTokens = error.Context?.PromptTokens,
        NCtx = error.Context?.ContextLength,
    });

    public static Task WriteAsync(HttpResponse response, ApiException error)
    {
        response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(response.Body, Body(error), LlamaJson.Web.LlamaFailure, CancellationToken.None);
    }

    private static string TypeOf(ApiException error) => error.Status switch
    {
        StatusCodes.Status400BadRequest when error.Context is not null => "exceed_context_size_error",
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status501NotImplemented => "not_supported_error",
        StatusCodes.Status503ServiceUnavailable => "unavailable_error",
        < StatusCodes.Status500InternalServerError => "invalid_request_error",
        _ => "server_error",
    };
}
