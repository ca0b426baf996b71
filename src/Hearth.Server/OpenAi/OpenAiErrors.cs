using System.Text.Json;
using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.OpenAi;

/// <summary>OpenAI's error object.</summary>
internal static class OpenAiErrors
{
    public static ErrorBody Body(ApiException error) => new(new ErrorDetail(error.Message, error.Type, error.Parameter, error.Code));

    public static Task WriteAsync(HttpResponse response, ApiException error)
    {
        response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(response.Body, Body(error), OpenAiJson.Web.ErrorBody, CancellationToken.None);
    }
}
