using System.Text.Json;
using Hearth.Engine.Embedding;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.Reranking;

/// <summary><c>POST /v1/score</c>, as vLLM has it: one text with each of several, or pairs.</summary>
internal sealed class Score(ModelHost host, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        RequestReader reader = new(body.RootElement);
        string? name = reader.Text("model");
        TimeSpan? keepAlive = reader.KeepAlive();
        List<string> first = ReadTexts(reader, "text_1");
        List<string> second = ReadTexts(reader, "text_2");
        bool activate = reader.Flag("use_activation") ?? true;
        bool truncate = reader.Flag("truncate") ?? false;
        reader.Note("user");
        reader.End();
        if (first.Count != 1 && first.Count != second.Count)
        {
            throw ApiException.Invalid(
                $"'text_1' has {first.Count} texts and 'text_2' has {second.Count}; expected one text in 'text_1', or as many in both.", "text_1", "invalid_value");
        }

        using ModelLease<EmbeddingModel> lease = await host.AcquireRankingAsync(name, keepAlive, cancellationToken);
        Ranks ranks = await PairRanker.RankAsync(
            lease.Model, second.Select((text, index) => (first[first.Count == 1 ? 0 : index], text)), truncate, "text_2", cancellationToken);
        ScoreEntry[] entries = [.. ranks.Values.Select((value, index) => new ScoreEntry(index, activate && ranks.AreLogits ? Logistic(value) : value))];
        ScoreList list = new(Endpoint.NewId("score"), time.GetUtcNow().ToUnixTimeSeconds(), lease.Served.Name, entries, new UsageBody(ranks.Tokens, 0));
        await context.Response.WriteAsJsonAsync(list, RerankingJson.Web.ScoreList, cancellationToken: cancellationToken);
    }

    private static List<string> ReadTexts(RequestReader reader, string name) => reader.TryGet(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
        ? [reader.RequiredText(name, "a text to compare")]
        : RerankRequest.ReadDocuments(reader, name);

    private static float Logistic(float value) => (float)(1 / (1 + Math.Exp(-(double)value)));
}
