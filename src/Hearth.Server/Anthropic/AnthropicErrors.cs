using System.Text.Json;
using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Anthropic;

/// <summary>Anthropic's error object.</summary>
internal static class AnthropicErrors
{
    private const string NoThreads = "thread_unsupported_request";

    /// <summary>Clients that are told so send the whole conversation with each request, as if they had never asked.</summary>
    public static ApiException ThreadUnsupported() =>
        ApiException.Invalid("'thread' is not supported: conversations are not kept here. Send all messages each time.", "thread", NoThreads);

    public static FailureBody Body(ApiException error, HttpContext context) => new(
        new FailureDetail(TypeOf(error.Status), error.Message)
        {
            Details = error.Code == NoThreads ? new FailureFacts(NoThreads, ["thread"]) : null,
        },
        context.TraceIdentifier);

    public static Task WriteAsync(HttpResponse response, ApiException error)
    {
        response.ContentType = "application/json; charset=utf-8";
        AnthropicApi.NameRequest(response);
        return JsonSerializer.SerializeAsync(response.Body, Body(error, response.HttpContext), AnthropicJson.Web.FailureBody, CancellationToken.None);
    }

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status413PayloadTooLarge => "request_too_large",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        StatusCodes.Status503ServiceUnavailable => "overloaded_error",
        StatusCodes.Status504GatewayTimeout => "timeout_error",
        < StatusCodes.Status500InternalServerError => "invalid_request_error",
        _ => "api_error",
    };
}
