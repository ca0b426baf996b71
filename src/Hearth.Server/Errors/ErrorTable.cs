using System.Text.Json;
using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Grammar;
using Hearth.Engine.Models;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Server.Settings;
using Hearth.Store.Manifests;
using Hearth.Store.Modelfiles;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Errors;

/// <summary>The one table from causes to statuses. Protocol folders write the result in their own shape.</summary>
internal static class ErrorTable
{
    /// <summary>What a client is told about an exception; never a stack trace.</summary>
    public static ApiException Describe(Exception exception) => exception switch
    {
        ApiException api => api,
        ContextLengthException context => new ApiException(400, "invalid_request_error", context.Message, "messages", "context_length_exceeded") { Context = context },
        SamplingOptionException option => Describe(option.Rename(SamplingOptionNames.ToRequestField)),
        TemplateException template => ApiException.Invalid($"The model's chat template refused the messages: {template.Message}", "messages", "template_error"),
        ToolSchemaException tool => ApiException.Invalid(tool.Message, "tools", "invalid_json_schema"),
        TemplateArgumentException argument => ApiException.Invalid(argument.Message, $"chat_template_kwargs.{argument.Name}", "invalid_value"),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new ApiException(
            413, "invalid_request_error", "The request body is larger than the server accepts. Send less, or raise its limit.", null, "request_too_large"),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new ApiException(
            408, "invalid_request_error", "The request body came too slowly, or not at all.", null, "request_timeout"),
        BadHttpRequestException bad => new ApiException(bad.StatusCode, "invalid_request_error", bad.Message),
        JsonException json => ApiException.Invalid($"The request body is not valid JSON: {json.Message}", null, "invalid_json"),
        InvalidLogitsException { Token: null } => ApiException.Invalid(exception.Message, "logit_bias", "invalid_value"),
        GrammarException => ApiException.Invalid(exception.Message, "response_format", "invalid_json_schema"),
        LoraException => ApiException.Invalid(exception.Message, "lora", "invalid_value"),
        EmbeddingException embedding => Describe(embedding, "input"),
        ObjectDisposedException disposed when IsModel(disposed.ObjectName) =>
            new ApiException(503, "server_error", "The server is stopping.", null, "server_stopping"),
        QueueFullException full => new ApiException(503, "server_error", full.Message, null, "queue_full") { RetryAfter = full.RetryAfter },
        TimeLimitException => new ApiException(504, "server_error", exception.Message, "timeout", "timeout"),
        StepFailedException { IsOutOfMemory: true } => new ApiException(503, "server_error", exception.Message, null, "out_of_memory"),
        StepFailedException => new ApiException(500, "server_error", exception.Message, null, "internal_error"),
        ModelMemoryException => new ApiException(507, "server_error", exception.Message, "model", "model_too_large"),
        SettingException setting => ApiException.Invalid(setting.Message, setting.Name, "invalid_value"),
        SettingsFileException => new ApiException(500, "server_error", exception.Message, null, "settings_error"),
        ModelBusyException busy => new ApiException(503, "server_error", busy.Message, "model", "model_busy") { RetryAfter = busy.RetryAfter },
        ModelException or GgufException or TokenizerException or ContextMemoryException or InvalidLogitsException or DraftModelException or PrefixFolderException => new ApiException(500, "server_error", exception.Message, null, "model_error"),
        ReferenceException or ModelfileException or PackageException => ApiException.Invalid(exception.Message, "model", "invalid_value"),
        ModelNotFoundException => new ApiException(404, "invalid_request_error", exception.Message, "model", "model_not_found"),
        ModelInUseException => new ApiException(409, "invalid_request_error", exception.Message, "model", "model_in_use"),
        ManifestException manifest => new ApiException(422, "invalid_request_error", manifest.Message, "model", manifest.IsUnsupported ? "model_not_supported" : "model_broken"),
        StoreException store => Describe(store),
        RegistryException registry => Describe(registry),
        AggregateException { InnerException: Exception inner } => Describe(inner),
        _ => new ApiException(500, "server_error", "The server failed while answering; its log has the details.", null, "internal_error"),
    };

    /// <summary>What a client is told about an input that cannot be embedded.</summary>
    /// <param name="exception">The cause.</param>
    /// <param name="parameter">The request's field that has the inputs.</param>
    public static ApiException Describe(EmbeddingException exception, string parameter) => exception.Kind switch
    {
        EmbeddingErrorKind.InputTooLong => ApiException.Invalid(exception.Message, parameter, "context_length_exceeded"),
        EmbeddingErrorKind.NotFinite => new ApiException(500, "server_error", exception.Message, null, "model_error"),
        _ => ApiException.Invalid(exception.Message, parameter, "invalid_value"),
    };

    private static ApiException Describe(StoreException exception) => exception.Kind switch
    {
        StoreErrorKind.Locked => new ApiException(503, "server_error", exception.Message, null, "store_locked"),
        StoreErrorKind.DiskFull => new ApiException(507, "server_error", exception.Message, null, "disk_full"),
        _ => new ApiException(500, "server_error", exception.Message, null, "store_error"),
    };

    private static ApiException Describe(RegistryException exception) => exception.Kind switch
    {
        RegistryErrorKind.NotFound => new ApiException(404, "invalid_request_error", exception.Message, "model", "model_not_found"),
        RegistryErrorKind.Unauthorized => new ApiException(401, "authentication_error", exception.Message, "model", "registry_unauthorized"),
        RegistryErrorKind.RateLimited => new ApiException(429, "rate_limit_error", exception.Message, "model", "registry_rate_limited") { RetryAfter = exception.RetryAfter },
        _ => new ApiException(502, "server_error", exception.Message, "model", "registry_error"),
    };

    // A model that goes away while it is asked, not a defect.
    private static bool IsModel(string name) => name == typeof(EmbeddingModel).FullName || name == typeof(LanguageModel).FullName || name == typeof(ServedModel).FullName;

    private static ApiException Describe(SamplingOptionException option) => ApiException.Invalid($"'{option.Option}' is {option.Value}; expected {option.Expected}.", option.Option, "invalid_value");
}
