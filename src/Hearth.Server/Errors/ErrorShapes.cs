using Hearth.Server.Anthropic;
using Hearth.Server.LlamaServer;
using Hearth.Server.Observability;
using Hearth.Server.Ollama;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hearth.Server.Errors;

/// <summary>Writes errors in the shape of the API that was asked, which the path tells.</summary>
internal static class ErrorShapes
{
    /// <summary>Answers a request with an error instead of what was begun.</summary>
    public static Task WriteAsync(HttpContext context, ApiException error)
    {
        HttpResponse response = context.Response;
        StringValues allow = response.Headers.Allow;
        response.Clear();
        response.Headers.Allow = allow;
        response.Headers.RetryAfter = error.RetryAfter is TimeSpan wait ? new StringValues($"{Math.Ceiling(wait.TotalSeconds)}") : StringValues.Empty;
        response.StatusCode = error.Status;
        RequestMeasurement.Current?.Fail(error, ServerDrain.HasEnded(context));
        return RequestKind.ApiOf(context.Request) switch
        {
            RequestApi.Anthropic => AnthropicErrors.WriteAsync(response, error),
            RequestApi.Ollama => OllamaErrors.WriteAsync(response, error),
            RequestApi.LlamaServer => LlamaErrors.WriteAsync(response, error),
            _ => OpenAiErrors.WriteAsync(response, error),
        };
    }
}
