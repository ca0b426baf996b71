using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.LlamaServer;

/// <summary><c>GET /slots</c> and <c>GET /lora-adapters</c>. The model is not loaded for them.</summary>
internal sealed class Slots(ModelHost host)
{
    public Task ListAsync(HttpContext context)
    {
        ServedModel served = Find(context);
        LanguageModelOptions options = served.Options.Load;
        LanguageModel? loaded = host.StatusOf(served).Select(status => status.Value).OfType<LanguageModel>().FirstOrDefault();
        int running = loaded?.Statistics.Running ?? 0;
        if (context.Request.Query["fail_on_no_slot"] == "1" && running >= options.Parallel)
        {
            throw new ApiException(503, "server_error", "no slot available", null, "queue_full");
        }

        bool speculates = options.Speculation is { MaxTokens: > 0 } and ({ PromptLookup: true } or { DraftPath: not null });
        int length = loaded?.ContextLength ?? served.Header.ContextFor(options);
        SlotBody[] slots = [.. Enumerable.Range(0, options.Parallel).Select(id => new SlotBody(id, length, speculates, id < running))];
        return context.Response.WriteAsJsonAsync(slots, LlamaJson.Web.IReadOnlyListSlotBody, cancellationToken: context.RequestAborted);
    }

    public Task ListAdaptersAsync(HttpContext context)
    {
        AdapterBody[] adapters = [.. Find(context).Options.Load.Adapters.Select((adapter, id) => new AdapterBody(id, adapter.Path, adapter.Scale))];
        return context.Response.WriteAsJsonAsync(adapters, LlamaJson.Web.IReadOnlyListAdapterBody, cancellationToken: context.RequestAborted);
    }

    private ServedModel Find(HttpContext context)
    {
        string? name = context.Request.Query["model"];
        return host.FindLanguage(string.IsNullOrEmpty(name) ? null : name);
    }
}
