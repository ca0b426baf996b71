using System.Text.Json;
using Hearth.Server.OpenAi;
using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.Ollama;

/// <summary><c>/api/copy</c>, <c>/api/delete</c> and <c>/api/blobs</c>.</summary>
internal sealed class OllamaStore(OllamaModels models)
{
    /// <summary><c>POST /api/copy</c>.</summary>
    public async Task CopyAsync(HttpContext context)
    {
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        string source = reader.Text("source") ?? string.Empty;
        string destination = reader.Text("destination") ?? string.Empty;
        ModelStore store = models.Store;
        if (models.TryParse(source) is null)
        {
            throw OllamaErrors.Invalid($"source \"{source}\" is invalid");
        }

        ModelReference target = models.TargetOf(destination) ?? throw OllamaErrors.Invalid($"destination \"{destination}\" is invalid");
        if (models.FindStored(source) is not (StoredModel model, _))
        {
            throw OllamaErrors.Of(StatusCodes.Status404NotFound, $"model \"{source}\" not found");
        }

        StoredModel? before = models.HolderOf(target);
        store.Tag(model, target);
        models.RemoveReplaced(before);
    }

    /// <summary><c>DELETE /api/delete</c>. A model that is loaded goes when nobody uses it.</summary>
    public async Task DeleteAsync(HttpContext context)
    {
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, context.RequestAborted);
        string name = OllamaRequest.Name(new RequestReader(body.RootElement)) ?? string.Empty;
        if (models.TryParse(name) is null)
        {
            throw OllamaErrors.Invalid($"name \"{name}\" is invalid");
        }

        string stored = models.FindStored(name)?.Name ?? throw OllamaErrors.NotFound(name);
        models.Store.Remove(stored);
        models.Host.ForgetRemoved();
    }

    /// <summary><c>HEAD /api/blobs/{digest}</c>.</summary>
    public Task HasBlobAsync(HttpContext context)
    {
        Digest digest = DigestOf(context);
        context.Response.StatusCode = models.Store.HasContent(digest) ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary><c>POST /api/blobs/{digest}</c>.</summary>
    public async Task AddBlobAsync(HttpContext context)
    {
        Digest digest = DigestOf(context);
        if (models.Store.HasContent(digest))
        {
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        Digest found = await models.Store.AddContentAsync(context.Request.Body, digest, context.RequestAborted);
        context.Response.StatusCode = found == digest ? StatusCodes.Status201Created : throw OllamaErrors.Invalid($"digest mismatch, expected \"{digest}\", got \"{found}\"");
    }

    private static Digest DigestOf(HttpContext context) =>
        Digest.TryParse(context.GetRouteValue("digest") as string, out Digest digest) ? digest : throw OllamaErrors.Invalid("invalid digest format");
}
