using System.Globalization;
using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Access;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>OpenAI's Responses API: <c>POST /v1/responses</c>, and what is kept of it.</summary>
internal sealed class ResponseRoutes(ModelHost host, ResponseStore store, TimeProvider time)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    /// <summary>Adds the routes under a prefix.</summary>
    public void Map(IEndpointRouteBuilder routes, string prefix)
    {
        string path = prefix + "/responses";
        routes.MapPost(path, CreateAsync);
        routes.MapPost(path + "/input_tokens", CountAsync);
        routes.MapGet(path + "/{id}", GetAsync);
        routes.MapDelete(path + "/{id}", DeleteAsync);
        routes.MapGet(path + "/{id}/input_items", ListInputAsync);
        routes.MapPost(path + "/{id}/cancel", CancelAsync);
    }

    private async Task CreateAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        string? owner = RequestOwner.Of(context);
        ResponseRequest request = ResponseRequest.Read(body.RootElement, host, store, owner);
        using ModelLease<LanguageModel> lease = await host.LeaseAsync(request.Prompt.Served, request.KeepAlive, cancellationToken);
        using ChatRun run = Start(lease, request, cancellationToken);
        ResponseBody begun = request.Body with { CreatedAt = time.GetUtcNow().ToUnixTimeSeconds() };
        ResponseWriter writer = new(begun, request.Generation.TopLogProbabilities is not null, request.HasOpaqueReasoning, time);
        void Keep(ResponseBody response)
        {
            if (response.Store)
            {
                store.Add(new StoredResponse(response, owner, request.Prompt.Previous, request.Prompt.Input));
            }
        }

        if (!request.Stream)
        {
            await run.ReadAsync((_, happened) => writer.Take(happened), () => ValueTask.CompletedTask, cancellationToken);
            ResponseBody whole = writer.Whole(run.Totals);
            Keep(whole);
            await context.Response.WriteAsJsonAsync(whole, ResponsesJson.Web.ResponseBody, cancellationToken: cancellationToken);
            return;
        }

        async Task WriteAsync(ServerSentEvents events)
        {
            writer.Stream = events;
            writer.Begin();
            await run.ReadAsync((_, happened) => writer.Take(happened), () => events.FlushAsync(cancellationToken), cancellationToken);
            ResponseBody whole = writer.Whole(run.Totals);

            // Before the client knows of it: the next request may go on from it at once.
            Keep(whole);
            writer.End(whole);
        }

        void WriteError(ServerSentEvents events, ApiException error)
        {
            ResponseBody broken = writer.Broken(error);
            Keep(broken);
            writer.End(broken, error);
        }

        await Endpoint.StreamAsync(context, WriteAsync, WriteError);
    }

    private async Task CountAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        RequestReader reader = new(body.RootElement);
        ResponsePrompt prompt = ResponsePrompt.Read(reader, host, store, RequestOwner.Of(context));
        reader.End();
        using ModelLease<LanguageModel> lease = await host.LeaseAsync(prompt.Served, null, cancellationToken);
        ChatPrompt encoded = OfInput(() => Encode(lease, prompt, null, cancellationToken));
        await context.Response.WriteAsJsonAsync(new InputTokenCount(encoded.Tokens.Count), ResponsesJson.Web.InputTokenCount, cancellationToken: cancellationToken);
    }

    private async Task GetAsync(HttpContext context)
    {
        StoredResponse response = Find(context);
        if (QueryFlags.Read(context.Request, "stream"))
        {
            throw ApiException.Unsupported("stream", "'stream' is not supported here: a response is kept when it is complete.");
        }

        RefuseQuery(context.Request, "starting_after", "include");
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.Body.WriteAsync(response.Body, context.RequestAborted);
    }

    private Task DeleteAsync(HttpContext context)
    {
        string id = IdOf(context);
        return store.Remove(id, RequestOwner.Of(context))
            ? context.Response.WriteAsJsonAsync(new ResponseDeleted(id), ResponsesJson.Web.ResponseDeleted, cancellationToken: context.RequestAborted)
            : throw NotFound(id);
    }

    private Task CancelAsync(HttpContext context)
    {
        Find(context);
        throw ApiException.Invalid("Cannot cancel a synchronous response: only those made in the background can be cancelled, and this one is complete.");
    }

    private Task ListInputAsync(HttpContext context)
    {
        StoredResponse response = Find(context);
        IQueryCollection query = context.Request.Query;
        RefuseQuery(context.Request, "include");
        string? text = query["limit"];
        int limit = DefaultLimit;
        if (text is not null && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            throw ApiException.Invalid($"'limit' must be 1 to {MaxLimit}.", "limit", "invalid_value");
        }

        string? order = query["order"];
        List<ResponseItem> items = response.Input();
        if (order is null or "desc")
        {
            items.Reverse();
        }
        else if (order != "asc")
        {
            throw ApiException.Invalid($"'order' is '{order}'; expected asc or desc.", "order", "invalid_value");
        }

        string? after = query["after"];
        string? before = query["before"];
        int start = after is null ? 0 : IndexOf(items, after, "after") + 1;
        int end = before is null ? items.Count : IndexOf(items, before, "before");
        IEnumerable<ResponseItem> range = items.Take(end).Skip(start);
        ResponseItem[] page = [.. before is not null && after is null ? range.TakeLast(limit) : range.Take(limit)];
        InputItemPage body = new(page, end - start > page.Length, page.FirstOrDefault()?.Id, page.LastOrDefault()?.Id);
        return context.Response.WriteAsJsonAsync(body, ResponsesJson.Web.InputItemPage, cancellationToken: context.RequestAborted);
    }

    private static int IndexOf(List<ResponseItem> items, string id, string parameter) => items.FindIndex(item => item.Id == id) is >= 0 and int index
        ? index
        : throw ApiException.Invalid($"'{parameter}' is '{id}', which is none of the items.", parameter, "invalid_value");

    private static ChatRun Start(ModelLease<LanguageModel> lease, ResponseRequest request, CancellationToken cancellationToken) => OfInput(() =>
    {
        ChatPrompt prompt = Encode(lease, request.Prompt, request.Generation.MaxTokens, cancellationToken);
        return ChatRun.Start(lease.Model, prompt, new ChatRunOptions { Generation = request.Generation, EarlyArguments = request.Stream }, cancellationToken);
    });

    private static ChatPrompt Encode(ModelLease<LanguageModel> lease, ResponsePrompt prompt, int? maxTokens, CancellationToken cancellationToken) => prompt.Truncates
        ? ShortenedPrompt.Encode(lease, prompt.Conversation, ShortenedPrompt.RoomBesideAnswer(lease.Model, maxTokens), cancellationToken)
        : ChatService.Encode(lease, prompt.Conversation, cancellationToken);

    // What the messages of a conversation are to blame for is the input's fault here.
    private static T OfInput<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when (ErrorTable.Describe(exception) is { Parameter: "messages" } error)
        {
            throw new ApiException(error.Status, error.Type, error.Message, "input", error.Code);
        }
    }

    private StoredResponse Find(HttpContext context) => store.Find(IdOf(context), RequestOwner.Of(context)) ?? throw NotFound(IdOf(context));

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static ApiException NotFound(string id) => new(
        404, "invalid_request_error", $"Response with id '{id}' not found. Responses are kept for a time, and never when 'store' is false.", null, "not_found");

    private static void RefuseQuery(HttpRequest request, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (request.Query.ContainsKey(name) || request.Query.ContainsKey(name + "[]"))
            {
                throw ApiException.Unsupported(name, $"'{name}' is not supported here.");
            }
        }
    }
}
