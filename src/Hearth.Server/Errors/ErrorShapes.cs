using Hearth.Server.Anthropic;
using Hearth.Server.LlamaServer;
using Hearth.Server.Ollama;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hearth.Server.Errors;

/// <summary>Writes errors in the shape of the API that was asked, which the path tells.</summary>
internal static class ErrorShapes
{
    private static readonly (PathString Prefix, Func<HttpResponse, ApiException, Task> WriteAsync)[] s_shapes =
    [
        ("/props", LlamaErrors.WriteAsync),
        ("/completion", LlamaErrors.WriteAsync),
        ("/tokenize", LlamaErrors.WriteAsync),
        ("/detokenize", LlamaErrors.WriteAsync),
        ("/apply-template", LlamaErrors.WriteAsync),
        ("/embedding", LlamaErrors.WriteAsync),
        ("/infill", LlamaErrors.WriteAsync),
        ("/slots", LlamaErrors.WriteAsync),
        ("/lora-adapters", LlamaErrors.WriteAsync),
        ("/api", OllamaErrors.WriteAsync),
    ];

    /// <summary>Answers a request with an error instead of what was begun.</summary>
    public static Task WriteAsync(HttpContext context, ApiException error)
    {
        HttpResponse response = context.Response;
        StringValues allow = response.Headers.Allow;
        response.Clear();
        response.Headers.Allow = allow;
        response.Headers.RetryAfter = error.RetryAfter is TimeSpan wait ? new StringValues($"{Math.Ceiling(wait.TotalSeconds)}") : StringValues.Empty;
        response.StatusCode = error.Status;
        if (AnthropicApi.IsMeant(context.Request))
        {
            return AnthropicErrors.WriteAsync(response, error);
        }

        Func<HttpResponse, ApiException, Task> writeAsync = Array.Find(s_shapes, shape => context.Request.Path.StartsWithSegments(shape.Prefix)).WriteAsync ?? OpenAiErrors.WriteAsync;
        return writeAsync(response, error);
    }
}
