using System.Text.Json;
using Hearth.Server.OpenAi;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;
using Hearth.Store.Transfer;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary><c>/api/pull</c> and <c>/api/push</c>.</summary>
internal sealed class OllamaTransfers(OllamaModels models)
{
    private const string PlainScheme = "http://";

    /// <summary><c>POST /api/pull</c>.</summary>
    public async Task PullAsync(HttpContext context)
    {
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        bool isInsecure = reader.Flag("insecure") ?? false;
        bool isStream = reader.Flag("stream") ?? true;
        ModelReference reference = models.SourceOf(WithoutScheme(OllamaRequest.Name(reader), isInsecure)) ?? throw OllamaErrors.Invalid("invalid model name");
        await OllamaProgress.RunAsync(context, isStream, (tell, cancellationToken) => PullAsync(models, reference, isInsecure, tell, cancellationToken));
    }

    /// <summary><c>POST /api/push</c>.</summary>
    public async Task PushAsync(HttpContext context)
    {
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        string? name = OllamaRequest.Name(reader);
        TransferOptions options = new() { Insecure = reader.Flag("insecure") ?? false };
        bool isStream = reader.Flag("stream") ?? true;
        if (string.IsNullOrEmpty(name))
        {
            throw OllamaErrors.Invalid("model is required");
        }

        name = WithoutScheme(name, options.Insecure);
        (StoredModel model, _) = models.FindStored(name) ?? throw OllamaErrors.NotFound(name);
        ModelReference target = models.FindReference(name!) ?? throw OllamaErrors.Invalid("invalid model name");
        await OllamaProgress.RunAsync(context, isStream, async (tell, cancellationToken) =>
        {
            tell(new ProgressBody("retrieving manifest"));
            LayerProgress progress = new("pushing", tell);
            await models.Store.PushAsync(model, target, options, progress, cancellationToken);
            tell(new ProgressBody("pushing manifest"));
        });
    }

    /// <summary>Pulls a model, in Ollama's words.</summary>
    public static async Task PullAsync(OllamaModels models, ModelReference reference, bool isInsecure, Action<ProgressBody> tell, CancellationToken cancellationToken)
    {
        tell(new ProgressBody("pulling manifest"));
        LayerProgress progress = new("pulling", tell);
        StoredModel? before = models.HolderOf(reference);
        try
        {
            await models.Host.Metrics.Transfers.PullAsync(models.Store, reference, new TransferOptions { Insecure = isInsecure }, progress, cancellationToken);
        }
        catch (RegistryException exception) when (exception.Kind == RegistryErrorKind.NotFound)
        {
            throw OllamaErrors.Of(StatusCodes.Status404NotFound, "pull model manifest: file does not exist");
        }

        tell(new ProgressBody("verifying sha256 digest"));
        tell(new ProgressBody("writing manifest"));
        if (models.RemoveReplaced(before))
        {
            tell(new ProgressBody("removing unused layers"));
        }
    }

    private static string? WithoutScheme(string? name, bool isInsecure) => name?.StartsWith(PlainScheme, StringComparison.OrdinalIgnoreCase) != true ? name
        : isInsecure ? name[PlainScheme.Length..]
        : throw OllamaErrors.Invalid("insecure protocol http");

    private sealed class LayerProgress(string verb, Action<ProgressBody> tell) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            string? layer = value.Layer?.Abbreviated ?? value.LayerName;
            if (layer is null || value.Stage is not (TransferStage.Transferring or TransferStage.LayerDone or TransferStage.LayerCached))
            {
                return;
            }

            tell(new ProgressBody($"{verb} {layer}")
            {
                Digest = value.Layer?.ToString(),
                Total = value.LayerSize > 0 ? value.LayerSize : null,
                Completed = value.LayerDone > 0 ? value.LayerDone : null,
            });
        }
    }
}
