using System.Text.Json;
using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hearth.Server.OpenAi;

/// <summary>OpenAI's error object.</summary>
internal static class OpenAiErrors
{
    public static ErrorBody Body(ApiException error) => new(new ErrorDetail(error.Message, error.Type, error.Parameter, error.Code));

    public static async Task WriteAsync(HttpResponse response, ApiException error)
    {
        StringValues allow = response.Headers.Allow;
        response.Clear();
        response.Headers.Allow = allow;
        response.Headers.RetryAfter = error.RetryAfter is TimeSpan wait ? new StringValues($"{Math.Ceiling(wait.TotalSeconds)}") : StringValues.Empty;
        response.StatusCode = error.Status;
        response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer.SerializeAsync(response.Body, Body(error), OpenAiJson.Web.ErrorBody, CancellationToken.None);
    }
}
