using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.LlamaServer;

/// <summary>The routes of llama-server that are not another API's too, and LocalAI's signs of life.</summary>
internal static class LlamaApi
{
    public static void Map(IEndpointRouteBuilder routes, ModelHost host)
    {
        NativeCompletions completions = new(host);
        Tokens tokens = new(host);
        Slots slots = new(host);
        routes.MapGet("/props", new Props(host).HandleAsync);
        routes.MapPost("/props", Refuse("Properties cannot be changed over llama-server's API. Use 'hearth configure', or POST /engines/_configure."));
        routes.MapPost("/completion", completions.CompleteAsync);
        routes.MapPost("/infill", completions.InfillAsync);
        routes.MapPost("/tokenize", tokens.TokenizeAsync);
        routes.MapPost("/detokenize", tokens.DetokenizeAsync);
        routes.MapPost("/apply-template", tokens.ApplyTemplateAsync);
        routes.MapPost("/embedding", new NativeEmbeddings(host).HandleAsync);
        routes.MapGet("/slots", slots.ListAsync);
        routes.MapPost("/slots/{id}", Refuse("Slots are neither saved nor restored: prompts that begin alike share what was read, whatever the slot."));
        routes.MapGet("/lora-adapters", slots.ListAdaptersAsync);
        routes.MapPost("/lora-adapters", Refuse("The scales of adapters are not changed for all requests at once. Send 'lora' with a request."));
        routes.MapGet("/healthz", AliveAsync);
        routes.MapGet("/readyz", AliveAsync);
    }

    private static RequestDelegate Refuse(string why) => _ => throw ApiException.NotSupported(why);

    private static Task AliveAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("ok", context.RequestAborted);
    }
}
