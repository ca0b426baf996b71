using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.LlamaServer;

/// <summary><c>POST /embedding</c>: the fields of OpenAI's embeddings, with <c>content</c> for <c>input</c>, answered in llama-server's shape.</summary>
internal sealed class NativeEmbeddings(ModelHost host)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        bool isOpenAi = body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("input", out _);
        using EmbeddingRequest request = await EmbeddingRequest.ReadAsync(body.RootElement, host, isOpenAi ? "input" : "content", cancellationToken);
        IReadOnlyList<float[]> vectors = await request.Lease.Model.EmbedAsync(request.Inputs, cancellationToken: cancellationToken);
        RequestUsage.Count(request.Inputs.Sum(input => input.Count));
        NativeEmbedding[] entries = [.. vectors.Select((vector, index) => new NativeEmbedding(index, [Embeddings.Finish(vector, request)]))];
        await context.Response.WriteAsJsonAsync(entries, LlamaJson.Web.IReadOnlyListNativeEmbedding, cancellationToken: cancellationToken);
    }
}
