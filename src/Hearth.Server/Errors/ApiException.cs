using Hearth.Engine.Scheduling;

namespace Hearth.Server.Errors;

/// <summary>A request that is refused: the cause, independent of any API's shape.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="type">The kind of error, in OpenAI's words: <c>invalid_request_error</c>, <c>server_error</c>, ...</param>
/// <param name="message">What was found, what was expected, what to do.</param>
/// <param name="parameter">The request's field, where one is to blame.</param>
/// <param name="code">A word for programs, where there is one.</param>
public sealed class ApiException(int status, string type, string message, string? parameter = null, string? code = null) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The kind of error.</summary>
    public string Type { get; } = type;

    /// <summary>The request's field, or null.</summary>
    public string? Parameter { get; } = parameter;

    /// <summary>A word for programs, or null.</summary>
    public string? Code { get; } = code;

    /// <summary>When another try may succeed; null for never, or not known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The numbers, of a prompt that does not fit; null for other causes.</summary>
    public ContextLengthException? Context { get; init; }

    internal static ApiException Invalid(string message, string? parameter = null, string? code = null) => new(400, "invalid_request_error", message, parameter, code);

    internal static ApiException Unsupported(string parameter, string message) => new(400, "invalid_request_error", message, parameter, "unsupported_parameter");

    internal static ApiException NotSupported(string message) => new(501, "not_supported_error", message, null, "not_supported");

    internal static ApiException ModelNotFound(string model, IEnumerable<string> available) => new(
        404,
        "invalid_request_error",
        $"The model `{model}` does not exist here. Served: {string.Join(", ", available)}.",
        "model",
        "model_not_found");

    internal static ApiException NoModel(string job, IEnumerable<string> available) => new(
        404,
        "invalid_request_error",
        $"No model here {job}. Served: {string.Join(", ", available)}.",
        "model",
        "model_not_found");

    internal static ApiException WrongModel(string model, string why) => Invalid($"The model `{model}` {why}.", "model", "model_not_supported");
}
