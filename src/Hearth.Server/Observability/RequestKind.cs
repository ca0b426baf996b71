using Hearth.Server.Anthropic;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Observability;

/// <summary>The API that a request came by.</summary>
internal enum RequestApi
{
    OpenAi,
    Ollama,
    Anthropic,
    LlamaServer,
    ModelRunner,
    Page,
}

/// <summary>What a request asks, as far as its path tells.</summary>
internal static class RequestKind
{
    /// <summary>A conversation is continued; this and the next two are names of OpenTelemetry's conventions.</summary>
    public const string Chat = "chat";

    /// <summary>A text is continued.</summary>
    public const string TextCompletion = "text_completion";

    /// <summary>Texts become vectors.</summary>
    public const string Embeddings = "embeddings";

    /// <summary>Pairs of texts are ranked.</summary>
    public const string Rerank = "rerank";

    private static readonly PathString[] s_llamaServer =
        ["/props", "/completion", "/tokenize", "/detokenize", "/apply-template", "/embedding", "/infill", "/slots", "/lora-adapters"];

    private static readonly PathString[] s_modelRunner = ["/engines", "/models"];

    private static readonly (string End, string Operation)[] s_operations =
    [
        ("/chat/completions", Chat),
        ("/responses", Chat),
        ("/messages", Chat),
        ("/api/chat", Chat),
        ("/completions", TextCompletion),
        ("/completion", TextCompletion),
        ("/infill", TextCompletion),
        ("/api/generate", TextCompletion),
        ("/embeddings", Embeddings),
        ("/embedding", Embeddings),
        ("/api/embed", Embeddings),
        ("/rerank", Rerank),
        ("/reranking", Rerank),
        ("/score", Rerank),
    ];

    /// <summary>The API of a request.</summary>
    public static RequestApi ApiOf(HttpRequest request) =>
        AnthropicApi.IsMeant(request) ? RequestApi.Anthropic
        : request.Path.StartsWithSegments("/api") ? RequestApi.Ollama
        : Array.Exists(s_llamaServer, path => request.Path.StartsWithSegments(path)) ? RequestApi.LlamaServer
        : Array.Exists(s_modelRunner, path => request.Path.StartsWithSegments(path)) ? RequestApi.ModelRunner
        : RequestApi.OpenAi;

    /// <summary>An API's name, as label.</summary>
    public static string NameOf(RequestApi api) => api switch
    {
        RequestApi.Ollama => "ollama",
        RequestApi.Anthropic => "anthropic",
        RequestApi.LlamaServer => "llama-server",
        RequestApi.ModelRunner => "model-runner",
        RequestApi.Page => "page",
        _ => "openai",
    };

    /// <summary>What a request asks a model to do; null for one that asks no model.</summary>
    public static string? OperationOf(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return null;
        }

        string path = request.Path.Value?.TrimEnd('/') ?? string.Empty;
        return Array.Find(s_operations, operation => path.EndsWith(operation.End, StringComparison.OrdinalIgnoreCase)).Operation;
    }
}
