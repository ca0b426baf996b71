using System.Text.Json;
using Hearth.Engine.Embedding;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.OpenAi;

/// <summary><c>POST /v1/embeddings</c>.</summary>
internal sealed class Embeddings(ModelHost host)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        using EmbeddingRequest request = await EmbeddingRequest.ReadAsync(body.RootElement, host, "input", cancellationToken);
        IReadOnlyList<float[]> vectors = await request.Lease.Model.EmbedAsync(request.Inputs, cancellationToken: cancellationToken);
        EmbeddingEntry[] entries = [.. vectors.Select((vector, index) => new EmbeddingEntry(index, new EmbeddingVector(Finish(vector, request), request.AsBase64)))];
        EmbeddingList list = new(entries, request.Lease.Served.Name, new PromptUsage(request.Inputs.Sum(input => input.Count)));
        RequestUsage.Count(request.Inputs.Sum(input => input.Count));
        await context.Response.WriteAsJsonAsync(list, OpenAiJson.Web.EmbeddingList, cancellationToken: cancellationToken);
    }

    /// <summary>A vector as the request wants it.</summary>
    public static float[] Finish(float[] vector, EmbeddingRequest request) =>
        EmbeddingNorm.Scale(vector.AsSpan(0, request.Dimensions ?? vector.Length), request.Norm);
}
