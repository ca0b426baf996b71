using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary>Ollama's errors: an object with one text, and its words where programs look for them.</summary>
internal static class OllamaErrors
{
    private const string PromptTooLong =
        "the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length";

    public static ErrorBody Body(ApiException error) => new(error.Code switch
    {
        "queue_full" => "server busy, please try again.  maximum pending requests exceeded",
        "context_length_exceeded" => PromptTooLong,
        _ => error.Message,
    });

    public static async Task WriteAsync(HttpResponse response, ApiException error)
    {
        string? text = error switch
        {
            { Status: StatusCodes.Status404NotFound, Code: "not_found" } => "404 page not found",
            { Status: StatusCodes.Status405MethodNotAllowed } => "405 method not allowed",
            _ => null,
        };
        if (text is not null)
        {
            response.ContentType = "text/plain";
            await response.WriteAsync(text, CancellationToken.None);
            return;
        }

        response.ContentType = OllamaWriter.JsonType;
        await response.Body.WriteAsync(OllamaWriter.Encode(Body(error), OllamaJson.Web.ErrorBody), CancellationToken.None);
    }

    /// <summary>An error with Ollama's words.</summary>
    public static ApiException Of(int status, string message) => new(status, status == StatusCodes.Status404NotFound ? "not_found_error" : "invalid_request_error", message);

    /// <summary>A request that is refused, with Ollama's words.</summary>
    public static ApiException Invalid(string message) => Of(StatusCodes.Status400BadRequest, message);

    public static ApiException NotFound(string? model) => Of(StatusCodes.Status404NotFound, $"model '{model}' not found");
}
