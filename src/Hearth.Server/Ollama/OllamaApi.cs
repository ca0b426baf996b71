using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.Ollama;

/// <summary>Ollama's API: all routes that are about this machine.</summary>
internal static class OllamaApi
{
    // Of the release whose API this is: programs refuse older ones than they were made for.
    private const string Version = "0.33.0";

    private static readonly string[] s_read = ["GET", "HEAD"];

    public static void Map(IEndpointRouteBuilder routes, ModelHost host, TimeProvider time)
    {
        OllamaModels models = new(host);
        OllamaLists lists = new(models, time);
        OllamaShow show = new(models);
        OllamaEmbed embed = new(models, time);
        OllamaStore store = new(models);
        OllamaTransfers transfers = new(models);
        OllamaCreate create = new(models);
        routes.MapMethods("/", s_read, context => AnswerTextAsync(context, "Ollama is running"));
        routes.MapMethods("/api/version", s_read, VersionAsync);
        routes.MapGet("/api/status", StatusAsync);
        routes.MapMethods("/api/tags", s_read, lists.ListAsync);
        routes.MapGet("/api/ps", lists.ListRunningAsync);
        routes.MapPost("/api/show", show.HandleAsync);
        routes.MapPost("/api/generate", new OllamaGenerate(models, time).HandleAsync);
        routes.MapPost("/api/chat", new OllamaChat(models, time).HandleAsync);
        routes.MapPost("/api/embed", embed.HandleAsync);
        routes.MapPost("/api/embeddings", embed.HandleLegacyAsync);
        routes.MapPost("/api/copy", store.CopyAsync);
        routes.MapDelete("/api/delete", store.DeleteAsync);
        routes.MapMethods("/api/blobs/{digest}", ["HEAD"], store.HasBlobAsync);
        routes.MapPost("/api/blobs/{digest}", store.AddBlobAsync);
        routes.MapPost("/api/pull", transfers.PullAsync);
        routes.MapPost("/api/push", transfers.PushAsync);
        routes.MapPost("/api/create", create.HandleAsync);
    }

    private static Task VersionAsync(HttpContext context) => OllamaWriter.AnswerAsync(context, new VersionBody(Version), OllamaJson.Web.VersionBody);

    private static Task StatusAsync(HttpContext context) => OllamaWriter.AnswerAsync(context, new StatusBody(new CloudBody(Disabled: true, "none")), OllamaJson.Web.StatusBody);

    private static async Task AnswerTextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = text.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.WriteAsync(text, context.RequestAborted);
        }
    }
}
