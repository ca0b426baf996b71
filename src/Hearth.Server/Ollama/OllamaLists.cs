using Hearth.Engine.Embedding;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Store;
using Hearth.Store.Storage;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary><c>/api/tags</c> and <c>/api/ps</c>.</summary>
internal sealed class OllamaLists(OllamaModels models, TimeProvider time)
{
    // Programs show a time so far away as for ever.
    private static readonly DateTimeOffset s_never = new(2300, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary><c>GET /api/tags</c>: what is stored, and the files that are served, the newest first.</summary>
    public Task ListAsync(HttpContext context)
    {
        IReadOnlyList<StoredModel> stored = models.Host.Options.Store?.List() ?? [];
        OllamaNames names = NamesOf(stored);
        (DateTimeOffset Time, TagBody Body)[] all =
        [
            .. models.Host.Models.Where(served => served.Id is null).Select(served => Describe(served, names)),
            .. stored.SelectMany(model => Describe(model, names)),
        ];
        TagList list = new([.. all.OrderByDescending(entry => entry.Time).ThenBy(entry => entry.Body.Name, StringComparer.Ordinal).Select(entry => entry.Body)]);
        return OllamaWriter.AnswerAsync(context, list, OllamaJson.Web.TagList);
    }

    /// <summary><c>GET /api/ps</c>: what is loaded, what stays longest first.</summary>
    public Task ListRunningAsync(HttpContext context)
    {
        OllamaNames names = NamesOf(models.Host.Options.Store?.List() ?? []);
        (DateTimeOffset Expires, RunningBody Body)[] all =
        [
            .. models.Host.Models.SelectMany(served => models.Host.StatusOf(served).Where(status => status.State == InstanceState.Loaded).Select(status => Describe(served, status, names))),
        ];
        RunningList list = new([.. all.OrderByDescending(entry => entry.Expires).ThenBy(entry => entry.Body.Name, StringComparer.Ordinal).Select(entry => entry.Body)]);
        return OllamaWriter.AnswerAsync(context, list, OllamaJson.Web.RunningList);
    }

    private OllamaNames NamesOf(IReadOnlyList<StoredModel> stored) => new(stored, models.Host.Models.Where(served => served.Id is null).Select(served => served.Name));

    private static (DateTimeOffset Time, TagBody Body) Describe(ServedModel served, OllamaNames names)
    {
        string name = OllamaModels.NameOf(served, names);
        OllamaDescription description = OllamaDescription.Of(served);
        DateTimeOffset modified = File.GetLastWriteTimeUtc(served.Path);
        return (modified, new TagBody(name, name, OllamaWriter.Time(modified), served.Header.FileLength, OllamaModels.DigestOf(served), description.Details) { Capabilities = description.Capabilities });
    }

    private IEnumerable<(DateTimeOffset Time, TagBody Body)> Describe(StoredModel model, OllamaNames names)
    {
        ModelStore store = models.Store;
        OllamaDescription description = OllamaDescription.Of(store, model);
        IEnumerable<string> all = model.References.Count == 0 ? [model.Id.Abbreviated] : model.References.Select(names.NameOf);
        return all.Select(name => (model.Updated, new TagBody(name, name, OllamaWriter.Time(model.Updated), model.Size, model.Id.Hex, description.Details)
        {
            Capabilities = description.Capabilities,
        }));
    }

    private (DateTimeOffset Expires, RunningBody Body) Describe(ServedModel served, InstanceStatus status, OllamaNames names)
    {
        string name = OllamaModels.NameOf(served, names);
        DateTimeOffset expires = status.ExpiresAt ?? (status.KeepAlive == KeepAlive.Forever ? s_never : time.GetUtcNow() + status.KeepAlive);
        int context = status.Value switch
        {
            LanguageModel language => language.ContextLength,
            EmbeddingModel embedding => embedding.ContextLength,
            _ => served.Header.ContextFor(served.Options.Load),
        };
        return (expires, new RunningBody(
            name, name, status.Estimate.Total, OllamaModels.DigestOf(served), OllamaDescription.Of(served).Details, OllamaWriter.Time(expires), SizeVram: 0, context));
    }
}
