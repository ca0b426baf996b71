using System.Text.Json;
using Hearth.Engine.Adapters;
using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Hearth.Server.Settings;
using Hearth.Store.Manifests;
using Hearth.Store.Storage;
using Microsoft.AspNetCore.Http;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.ModelRunner;

/// <summary>Docker Model Runner's routes under <c>/engines</c> that tell what is loaded, unload and configure.</summary>
internal sealed class EngineRoutes(ModelHost host, TimeProvider time)
{
    private const string Backend = "hearth";
    private const int MaxModels = 1024;
    private static readonly TimeSpan s_unloadPatience = TimeSpan.FromSeconds(10);

    /// <summary><c>GET /engines/ps</c>.</summary>
    public Task ListRunningAsync(HttpContext context)
    {
        RunnerEntry[] entries = [.. host.Models.SelectMany(served => host.StatusOf(served).Select(status => Entry(served, status)))];
        return context.Response.WriteAsJsonAsync(entries, ModelRunnerJson.Web.IReadOnlyListRunnerEntry, cancellationToken: context.RequestAborted);
    }

    /// <summary><c>GET /engines/status</c>.</summary>
    public static Task StatusAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        new Dictionary<string, string> { [Backend] = "Running" }, ModelRunnerJson.Web.DictionaryStringString, cancellationToken: context.RequestAborted);

    /// <summary><c>GET /version</c>.</summary>
    public static Task VersionAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        new VersionResult(typeof(EngineRoutes).Assembly.GetName().Version!.ToString(3)), ModelRunnerJson.Web.VersionResult, cancellationToken: context.RequestAborted);

    /// <summary><c>POST /engines/unload</c>: what is idle goes now, the rest as soon as nobody uses it.</summary>
    public async Task UnloadAsync(HttpContext context)
    {
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        bool all = reader.Flag("all") ?? false;
        IReadOnlyList<string> names = reader.Texts("models", MaxModels);
        reader.Note("backend");
        reader.End();
        if (!all && names.Count == 0)
        {
            throw ApiException.Invalid("'models' is missing: the models to unload; or 'all'.", "models", "missing_required_parameter");
        }

        IReadOnlyList<Task> gone = host.BeginUnload(all ? host.Models : names.Select(Find).OfType<ServedModel>().Distinct());
        try
        {
            await Task.WhenAll(gone).WaitAsync(s_unloadPatience, time, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            // What is still used is counted as busy.
        }

        int done = gone.Count(task => task.IsCompleted);
        await context.Response.WriteAsJsonAsync(
            new UnloadResult(done, gone.Count - done), ModelRunnerJson.Web.UnloadResult, cancellationToken: context.RequestAborted);
    }

    /// <summary><c>POST /engines/_configure</c>.</summary>
    public async Task ConfigureAsync(HttpContext context)
    {
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        ConfigureRequest request = ConfigureRequest.Read(body.RootElement, host);
        try
        {
            await Task.Run(() => host.Configure(request.Model.Name, request.Changes), context.RequestAborted);
        }
        catch (Exception exception) when (exception is GgufException or LoraException or ModelException)
        {
            // A draft model that is not there any more, or is none.
            throw ApiException.Invalid(exception.Message, null, "invalid_value");
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    /// <summary><c>GET /engines/_configure</c>.</summary>
    public Task ShowConfigurationAsync(HttpContext context)
    {
        string? name = context.Request.Query["model"];
        IEnumerable<ServedModel> models = string.IsNullOrEmpty(name) ? host.Models : [host.Find(name)];
        ConfigurationEntry[] entries = [.. models.Select(Entry)];
        return context.Response.WriteAsJsonAsync(entries, ModelRunnerJson.Web.IReadOnlyListConfigurationEntry, cancellationToken: context.RequestAborted);
    }

    // What is not here is not loaded either.
    private ServedModel? Find(string name)
    {
        try
        {
            return host.Find(name);
        }
        catch (Exception exception) when (exception is ApiException or ModelNotFoundException or ManifestException or StoreException)
        {
            return null;
        }
    }

    private static RunnerEntry Entry(ServedModel served, InstanceStatus status) => new(Backend, served.Name, ModeOf(served, status.IsBeside), status.LastUsed)
    {
        InUse = status.Leases > 0,
        Loading = status.State == InstanceState.Loading,
        KeepAlive = KeepAlive.Format(status.KeepAlive),
        ExpiresAt = status.ExpiresAt,
        Requests = status.Leases,
        ContextLength = status.Value switch
        {
            LanguageModel language => language.ContextLength,
            EmbeddingModel embedding => embedding.ContextLength,
            _ => served.Header.ContextFor(served.Options.Load),
        },
        MemoryBytes = status.Estimate.Total,
        Scheduler = (status.Value as LanguageModel)?.Statistics,
    };

    private static ConfigurationEntry Entry(ServedModel served)
    {
        SpeculationOptions speculation = served.Options.Load.Speculation;
        return new ConfigurationEntry(Backend, served.Name, served.Path, ModeOf(served, isBeside: false), new ConfigurationBody
        {
            ContextSize = served.Header.ContextFor(served.Options.Load),
            RuntimeFlags = RuntimeFlags.Format(served.Effective),
            Speculative = speculation.DraftPath is string draft ? new SpeculativeBody(draft, speculation.MaxTokens) : null,
            Llamacpp = served.Options.ReasoningBudget is int tokens ? new EngineBody(tokens) : null,
            KeepAlive = served.Options.KeepAlive is TimeSpan keepAlive ? KeepAlive.Format(keepAlive) : null,
            Settings = [.. served.Describe().Select(setting => new SettingBody(setting.Name, setting.Value, NameOf(setting.Origin)))],
        });
    }

    private static string ModeOf(ServedModel served, bool isBeside) => served.IsRanker ? "reranking" : served.IsEmbedder || isBeside ? "embedding" : "completion";

    private static string NameOf(SettingOrigin origin) => origin switch
    {
        SettingOrigin.Model => "model",
        SettingOrigin.Settings => "settings",
        SettingOrigin.CommandLine => "command line",
        _ => "default",
    };
}
