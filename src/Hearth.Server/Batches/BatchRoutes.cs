using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Server.Errors;
using Hearth.Server.Files;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.Batches;

/// <summary>OpenAI's <c>/v1/batches</c>.</summary>
internal sealed class BatchRoutes(BatchRunner runner, BatchFolder folder, FileFolder files, FileLimits limits, TimeProvider time)
{
    private const int MaxPage = 100;
    private const int UsualPage = 20;
    private const int MaxPairs = 16;
    private const int MaxKeyLength = 64;
    private const int MaxValueLength = 512;
    private const string Window = "24h";
    private const long WindowSeconds = 24 * 3600;
    private static readonly string[] s_endpoints = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses"];

    public void Map(IEndpointRouteBuilder routes, string prefix)
    {
        routes.MapPost(prefix + "/batches", CreateAsync);
        routes.MapGet(prefix + "/batches", ListAsync);
        routes.MapGet(prefix + "/batches/{id}", context => WriteAsync(context, Find(context)));
        routes.MapPost(prefix + "/batches/{id}/cancel", CancelAsync);
    }

    private async Task CreateAsync(HttpContext context)
    {
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        string? owner = RequestOwner.Of(context);
        BatchRecord record = Read(new RequestReader(body.RootElement), owner);
        FileRecord input = files.Find(record.InputFileId, owner) ?? throw FileRoutes.NotFound(record.InputFileId, "input_file_id");
        if (input.Purpose != "batch")
        {
            string message = $"The file '{input.Id}' is for '{input.Purpose}', not for a batch: send it with the purpose 'batch'.";
            throw ApiException.Invalid(message, "input_file_id", "invalid_value");
        }

        if (runner.IsFull)
        {
            string message = $"{limits.MaxBatches} batches are open, which is as many as may be. Wait for the end of one, or cancel it.";
            throw new ApiException(429, "rate_limit_error", message, null, "too_many_batches");
        }

        folder.Save(record);
        runner.Begin(record);
        await WriteAsync(context, record);
    }

    private Task ListAsync(HttpContext context)
    {
        (IReadOnlyList<BatchRecord> page, bool hasMore) = ListPage.Cut(runner.List(RequestOwner.Of(context)), context.Request, record => record.Id, MaxPage, UsualPage);
        BatchList list = new([.. page.Select(record => new BatchObject(record))], page is [var first, ..] ? first.Id : null, page is [.., var last] ? last.Id : null, hasMore);
        return context.Response.WriteAsJsonAsync(list, BatchJson.Web.BatchList, cancellationToken: context.RequestAborted);
    }

    private Task CancelAsync(HttpContext context)
    {
        BatchRecord record = Find(context);
        if (BatchStatus.IsEnd(record.Status))
        {
            throw ApiException.Invalid($"The batch '{record.Id}' is {record.Status} and cannot be cancelled.", "batch_id", "batch_not_cancellable");
        }

        runner.Cancel(record);
        return WriteAsync(context, record with { Status = BatchStatus.Cancelling, CancellingAt = record.CancellingAt ?? time.GetUtcNow().ToUnixTimeSeconds() });
    }

    private BatchRecord Find(HttpContext context)
    {
        string id = context.GetRouteValue("id") as string ?? string.Empty;
        return runner.Find(id) is BatchRecord record && record.Owner == RequestOwner.Of(context) ? record
            : throw new ApiException(404, "invalid_request_error", $"No such batch: '{id}'.", "batch_id", "batch_not_found");
    }

    private BatchRecord Read(RequestReader reader, string? owner)
    {
        string input = reader.RequiredText("input_file_id", "the file with the requests");
        string endpoint = OneOf(reader, "endpoint", s_endpoints);
        string window = OneOf(reader, "completion_window", [Window]);
        IReadOnlyDictionary<string, string>? metadata = ReadMetadata(reader);
        RequestReader? lifetime = reader.Object("output_expires_after");
        TimeSpan? outputs = lifetime is null ? null : Lifetime.Read(lifetime.Text("anchor"), lifetime.Long("seconds"), lifetime.Path("anchor"), lifetime.Path("seconds"));
        lifetime?.End();
        reader.End();
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        return new BatchRecord
        {
            Id = BatchFolder.NewId(),
            Endpoint = endpoint,
            InputFileId = input,
            CompletionWindow = window,
            Status = BatchStatus.Validating,
            Owner = owner,
            Metadata = metadata,
            OutputSeconds = (long?)outputs?.TotalSeconds,
            CreatedAt = now,
            ExpiresAt = now + WindowSeconds,
        };
    }

    private static string OneOf(RequestReader reader, string name, IReadOnlyList<string> known)
    {
        string value = reader.RequiredText(name, string.Join(", ", known));
        return known.Contains(value) ? value : throw ApiException.Invalid($"'{name}' is '{value}'; expected {string.Join(", ", known)}.", name, "invalid_value");
    }

    private static Dictionary<string, string>? ReadMetadata(RequestReader reader)
    {
        const string Name = "metadata";
        if (!reader.TryGet(Name, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(pair => pair.Value.ValueKind != JsonValueKind.String))
        {
            throw reader.Wrong(Name, "an object with texts", value);
        }

        Dictionary<string, string> pairs = [];
        foreach (JsonProperty pair in value.EnumerateObject())
        {
            pairs[pair.Name] = pair.Value.GetString()!;
        }

        return pairs.Count <= MaxPairs && pairs.All(pair => pair.Key.Length <= MaxKeyLength && pair.Value.Length <= MaxValueLength) ? pairs
            : throw ApiException.Invalid($"'{Name}' may have {MaxPairs} pairs, keys of {MaxKeyLength} and values of {MaxValueLength} characters.", Name, "invalid_value");
    }

    private static Task WriteAsync(HttpContext context, BatchRecord record) =>
        context.Response.WriteAsJsonAsync(new BatchObject(record), BatchJson.Web.BatchObject, cancellationToken: context.RequestAborted);
}
