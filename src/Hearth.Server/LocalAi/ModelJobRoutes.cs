using System.Text.Json;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Transfer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.LocalAi;

/// <summary>LocalAI's routes that get models and remove them, beside Docker Model Runner's under <c>/models</c>.</summary>
internal sealed class ModelJobRoutes(ModelHost host, ModelStore store, ModelJobs jobs)
{
    private static readonly string[] s_unsupported = ["config_url", "config_file", "overrides", "files", "variant", "backend", "description", "license", "urls", "icon", "tags", "gallery"];

    public static void Map(IEndpointRouteBuilder routes, ModelHost host, ModelStore store, ModelJobs jobs)
    {
        ModelJobRoutes models = new(host, store, jobs);
        routes.MapPost("/models/apply", models.ApplyAsync);
        routes.MapGet("/models/jobs", models.ListAsync);
        routes.MapGet("/models/jobs/{id:guid}", models.GetAsync);
        routes.MapPost("/models/delete/{**name}", models.DeleteAsync);
        routes.MapGet("/models/available", _ => throw ApiException.NotSupported(
            "There is no list of all models: they are pulled by reference from any registry. 'hearth search' finds some, GET /models lists what is stored."));
    }

    /// <summary><c>POST /models/apply</c>: a pull in the background.</summary>
    public async Task ApplyAsync(HttpContext context)
    {
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        foreach (string field in s_unsupported)
        {
            reader.Refuse(field, value => GenerationParameters.IsNothing(value) || GenerationParameters.IsText(string.Empty)(value), ": a model runs as its package says, and 'hearth configure' changes that");
        }

        (string source, string name) = ReadSource(reader);
        ModelReference reference = ModelSource.Read(store, source, name);
        ModelReference? alias = reader.Text("name") is { Length: > 0 } text && text != source ? store.ParseReference(text) : null;
        reader.End();
        await AnswerAsync(context, jobs.Start(source, (job, cancellationToken) => PullAsync(reference, alias, job, cancellationToken)));
    }

    /// <summary><c>GET /models/jobs</c>.</summary>
    public Task ListAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        jobs.All.ToDictionary(job => job.Id.ToString(), job => job.Describe()), LocalAiJson.Web.DictionaryStringJobBody, cancellationToken: context.RequestAborted);

    /// <summary><c>GET /models/jobs/{id}</c>.</summary>
    public Task GetAsync(HttpContext context)
    {
        Guid id = Guid.Parse((string)context.GetRouteValue("id")!);
        JobBody job = jobs.All.FirstOrDefault(job => job.Id == id)?.Describe()
            ?? throw new ApiException(404, "not_found_error", $"There is no job '{id}': it never was, or was over more than an hour ago.", null, "not_found");
        return context.Response.WriteAsJsonAsync(job, LocalAiJson.Web.JobBody, cancellationToken: context.RequestAborted);
    }

    /// <summary><c>POST /models/delete/{name}</c>.</summary>
    public Task DeleteAsync(HttpContext context)
    {
        string name = context.GetRouteValue("name") as string ?? throw ApiException.Invalid("The path names no model.", "name", "missing_required_parameter");
        store.Remove(name, force: false);
        host.ForgetRemoved();
        return AnswerAsync(context, jobs.AddDeletion(name));
    }

    private static (string Source, string Field) ReadSource(RequestReader reader)
    {
        string? id = reader.Text("id"), url = reader.Text("url");
        return (id, url) switch
        {
            ({ Length: > 0 }, { Length: > 0 }) => throw ApiException.Invalid("'id' and 'url' both name a model; give one of them.", "url", "invalid_value"),
            ({ Length: > 0 }, _) => (id, "id"),
            (_, { Length: > 0 }) => (url, "url"),
            _ => (reader.RequiredText("id", "the model to pull"), "id"),
        };
    }

    private async Task PullAsync(ModelReference reference, ModelReference? alias, ModelJob job, CancellationToken cancellationToken)
    {
        PullResult result = await host.Metrics.Transfers.PullAsync(store, reference, new TransferOptions(), job, cancellationToken);
        if (alias is not null)
        {
            store.Tag(result.Model, alias);
        }
    }

    private static Task AnswerAsync(HttpContext context, ModelJob job)
    {
        HttpRequest request = context.Request;
        JobLink link = new(job.Id, $"{request.Scheme}://{request.Host}/models/jobs/{job.Id}");
        return context.Response.WriteAsJsonAsync(link, LocalAiJson.Web.JobLink, cancellationToken: context.RequestAborted);
    }
}
