using System.Globalization;
using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;
using Hearth.Store.Transfer;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.ModelRunner;

/// <summary>Docker Model Runner's routes under <c>/models</c>: what is stored, and what comes and goes. Names have slashes, and an action may follow them.</summary>
internal sealed class StoreRoutes(ModelHost host, ModelStore store)
{
    private const string Purge = "purge";

    /// <summary><c>GET /models</c>.</summary>
    public Task ListAsync(HttpContext context)
    {
        ModelObject[] models = [.. store.List().AsParallel().AsOrdered().Select(DescribeUnlessGone).OfType<ModelObject>()];
        return context.Response.WriteAsJsonAsync(models, ModelRunnerJson.Web.IReadOnlyListModelObject, cancellationToken: context.RequestAborted);
    }

    /// <summary><c>GET /models/{name}</c>, with <c>?remote=true</c> from its registry; <c>GET /models/{name}/export</c>.</summary>
    public async Task GetAsync(HttpContext context)
    {
        (string name, string action) = SplitAction(context);
        if (action == "export" && store.Find(NameOf(context)) is null)
        {
            RouteScopes.Demand(context, KeyScope.Models);
            await ExportAsync(context, name);
            return;
        }

        name = NameOf(context);
        bool isRemote = QueryFlags.Read(context.Request, "remote");
        if (isRemote)
        {
            RouteScopes.Demand(context, KeyScope.Models);
        }

        ModelObject model = isRemote ? await DescribeRemoteAsync(name, context.RequestAborted) : Describe(store.Get(name));
        await context.Response.WriteAsJsonAsync(model, ModelRunnerJson.Web.ModelObject, cancellationToken: context.RequestAborted);
    }

    /// <summary><c>POST /models/create</c>: a pull.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        ModelReference reference = store.ParseReference(reader.RequiredText("from", "the model to pull"));
        TransferOptions options = ReadOptions(reader);
        await new ProgressStream(context, "pull").RunAsync(async (progress, cancellationToken) =>
        {
            PullResult result = await host.Metrics.Transfers.PullAsync(store, reference, options, progress, cancellationToken);
            return result.WasCached ? $"Using cached model: {result.Model.Facts.Size ?? Bytes(result.Model.Size)}" : "Model pulled successfully";
        });
    }

    /// <summary><c>POST /models/load</c>: models of an archive.</summary>
    public async Task LoadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        await new ProgressStream(context, "pull").RunAsync(async (_, cancellationToken) =>
        {
            IReadOnlyList<StoredModel> models = await store.LoadAsync(context.Request.Body, cancellationToken: cancellationToken);
            return $"Model loaded successfully with ID: {string.Join(", ", models.Select(model => model.Id))}";
        });
    }

    /// <summary><c>POST /models/{name}/tag</c>, <c>/push</c> and <c>/repackage</c>.</summary>
    public Task ActAsync(HttpContext context)
    {
        (string name, string action) = SplitAction(context);
        return action switch
        {
            "tag" => TagAsync(context, name),
            "push" => PushAsync(context, name),
            "repackage" => RepackageAsync(context, name),
            _ => throw new ApiException(404, "not_found_error", $"There is no action '{action}'; there are tag, push and repackage.", null, "not_found"),
        };
    }

    /// <summary><c>DELETE /models/{name}</c>, with <c>?force=true</c> though an ID has several tags; <c>DELETE /models/purge</c>.</summary>
    public async Task DeleteAsync(HttpContext context)
    {
        string name = NameOf(context);
        if (name == Purge && store.Find(name) is null)
        {
            store.RemoveAll();
            host.ForgetRemoved();
            return;
        }

        RemovalResult result = store.Remove(name, QueryFlags.Read(context.Request, "force"));
        host.ForgetRemoved();
        Dictionary<string, string>[] lines =
        [
            .. result.Untagged.Select(reference => new Dictionary<string, string> { ["Untagged"] = reference.ToString() }),
            .. result.Deleted.Select(digest => new Dictionary<string, string> { ["Deleted"] = digest.ToString() }),
        ];
        await context.Response.WriteAsJsonAsync(lines, ModelRunnerJson.Web.IReadOnlyListDictionaryStringString, cancellationToken: context.RequestAborted);
    }

    /// <summary><c>GET /engines/df</c>.</summary>
    public Task MeasureAsync(HttpContext context)
    {
        DiskUsage usage = store.MeasureUsage();
        DiskUsageResult result = new(usage.ModelBytes + usage.UnusedBytes + usage.PartialBytes, 0);
        return context.Response.WriteAsJsonAsync(result, ModelRunnerJson.Web.DiskUsageResult, cancellationToken: context.RequestAborted);
    }

    private async Task TagAsync(HttpContext context, string name)
    {
        string? repository = context.Request.Query["repo"], tag = context.Request.Query["tag"];
        if (string.IsNullOrEmpty(repository) || string.IsNullOrEmpty(tag))
        {
            throw ApiException.Invalid("missing repo or tag query parameter", "repo", "missing_required_parameter");
        }

        ModelReference target;
        try
        {
            target = store.ParseReference($"{repository}:{tag}");
        }
        catch (ReferenceException exception)
        {
            throw ApiException.Invalid($"'repo' and 'tag' name nothing: {exception.Message}", null, "invalid_value");
        }

        store.Tag(store.Get(name), target);
        await AnswerAsync(context, new TargetResult($"Model tagged successfully with \"{target}\"", target.ToString()));
    }

    private async Task PushAsync(HttpContext context, string name)
    {
        TransferOptions options = new();
        if (context.Request.ContentLength is not 0 && (context.Request.ContentLength is not null || context.Request.Headers.TransferEncoding.Count > 0))
        {
            using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
            options = ReadOptions(new RequestReader(body.RootElement));
        }

        ModelReference target = store.ParseReference(name);
        StoredModel model = store.Get(name);
        await new ProgressStream(context, "push").RunAsync(async (progress, cancellationToken) =>
        {
            await store.PushAsync(model, target, options, progress, cancellationToken);
            return "Model pushed successfully";
        });
    }

    private async Task RepackageAsync(HttpContext context, string name)
    {
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        ModelReference target = store.ParseReference(reader.RequiredText("target", "the reference of the new model"));
        int contextSize = reader.Integer("context_size", 1) ?? throw ApiException.Invalid("'context_size' is missing: tokens of context.", "context_size", "missing_required_parameter");
        reader.End();
        store.Repackage(store.Get(name), target, contextSize);
        await AnswerAsync(context, new TargetResult("Model variant created successfully", target.ToString()) { Source = name });
    }

    private async Task ExportAsync(HttpContext context, string name)
    {
        StoredModel model = store.Get(name);
        context.Response.ContentType = "application/x-tar";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{model.Id.Abbreviated}.tar\"";
        await store.SaveAsync([model], context.Response.Body, context.RequestAborted);
    }

    private async Task<ModelObject> DescribeRemoteAsync(string name, CancellationToken cancellationToken)
    {
        ModelReference reference = store.ParseReference(name);
        (Manifest manifest, byte[] config) = await store.InspectRemoteAsync(reference, cancellationToken: cancellationToken);
        return ModelObject.Of(manifest.Digest, [reference.ToString()], manifest.ReadFacts(config), config);
    }

    private static TransferOptions ReadOptions(RequestReader reader)
    {
        const string TokenField = "bearer-token";
        string? token = reader.Text(TokenField);
        if (token?.All(character => character is > ' ' and < '\u007f') == false)
        {
            throw ApiException.Invalid($"'{TokenField}' must be of visible ASCII characters, as tokens in headers are.", TokenField, "invalid_value");
        }

        TransferOptions options = new() { Token = token, Insecure = reader.Flag("insecure") ?? false };
        reader.End();
        return options;
    }

    private ModelObject Describe(StoredModel model) => ModelObject.Of(store, model);

    // A model may go while the others are described.
    private ModelObject? DescribeUnlessGone(StoredModel model)
    {
        try
        {
            return Describe(model);
        }
        catch (Exception exception) when (exception is StoreException or IOException && store.List().All(left => left.Id != model.Id))
        {
            return null;
        }
    }

    private static Task AnswerAsync(HttpContext context, TargetResult result)
    {
        context.Response.StatusCode = StatusCodes.Status201Created;
        return context.Response.WriteAsJsonAsync(result, ModelRunnerJson.Web.TargetResult, cancellationToken: context.RequestAborted);
    }

    private static string NameOf(HttpContext context) =>
        context.GetRouteValue("name") as string ?? throw ApiException.Invalid("The path names no model.", "name", "missing_required_parameter");

    private static (string Name, string Action) SplitAction(HttpContext context)
    {
        string path = NameOf(context);
        int slash = path.LastIndexOf('/');
        return slash < 0 ? (path, path) : (path[..slash], path[(slash + 1)..]);
    }

    private static string Bytes(long bytes) => (bytes / 1e6).ToString("F2", CultureInfo.InvariantCulture) + " MB";
}
