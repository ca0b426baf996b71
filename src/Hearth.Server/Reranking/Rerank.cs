using System.Text.Json;
using Hearth.Engine.Embedding;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.Reranking;

/// <summary><c>POST /v1/rerank</c>.</summary>
internal sealed class Rerank(ModelHost host)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        RerankRequest request = RerankRequest.Read(body.RootElement);
        using ModelLease<EmbeddingModel> lease = await host.AcquireRankingAsync(request.Model, request.KeepAlive, cancellationToken);
        Ranks ranks = await PairRanker.RankAsync(
            lease.Model, request.Documents.Select(document => (request.Query, document)), request.Truncate, request.AsTexts ? "texts" : "documents", cancellationToken);
        int[] order = [.. Enumerable.Range(0, ranks.Values.Count).OrderByDescending(index => ranks.Values[index]).Take(request.Count)];
        if (request.AsTexts)
        {
            TextScore[] scores = [.. order.Select(index => new TextScore(index, ranks.Values[index]) { Text = request.ReturnDocuments ? request.Documents[index] : null })];
            await context.Response.WriteAsJsonAsync(scores, RerankingJson.Web.IReadOnlyListTextScore, cancellationToken: cancellationToken);
            return;
        }

        RerankEntry[] entries =
        [
            .. order.Select(index => new RerankEntry(index, ranks.Values[index]) { Document = request.ReturnDocuments ? new DocumentBody(request.Documents[index]) : null }),
        ];
        RerankList list = new(Endpoint.NewId("rerank"), lease.Served.Name, new PromptUsage(ranks.Tokens), entries);
        await context.Response.WriteAsJsonAsync(list, RerankingJson.Web.RerankList, cancellationToken: cancellationToken);
    }
}
