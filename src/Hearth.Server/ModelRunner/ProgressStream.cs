using System.Net;
using System.Text;
using System.Text.Json;
using Hearth.Server.Errors;
using Hearth.Server.Logging;
using Hearth.Store.Transfer;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.ModelRunner;

/// <summary>
/// Docker Model Runner's stream of progress: a line of JSON for each piece of news, or plain text for clients that do not ask for JSON. Nothing is
/// sent before the first news, so that an early failure still gets its status.
/// </summary>
internal sealed class ProgressStream(HttpContext context, string mode)
{
    private readonly bool _isJson = context.Request.Headers.Accept.Any(value => value?.Contains("json", StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>Runs work and tells how far it is; the last line says how it ended.</summary>
    /// <param name="work">The work; its result is the last message.</param>
    public async Task RunAsync(Func<IProgress<TransferProgress>, CancellationToken, Task<string>> work)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        try
        {
            string message = await ToldWork.RunAsync<ProgressLine, string>(
                (tell, token) => work(new LineProgress(mode, tell), token), line => WriteAsync(line, cancellationToken), cancellationToken);
            await WriteAsync(new ProgressLine("success", message, mode), cancellationToken);
        }
        catch (Exception exception) when (context.Response.HasStarted && !cancellationToken.IsCancellationRequested)
        {
            ApiException error = ErrorTable.Describe(exception);
            if (error.Status == StatusCodes.Status500InternalServerError)
            {
                ServerLog.StreamFailed(context, exception);
            }

            await WriteAsync(new ProgressLine("error", error.Message, mode), cancellationToken);
        }
    }

    private async Task WriteAsync(ProgressLine line, CancellationToken cancellationToken)
    {
        HttpResponse response = context.Response;
        if (!response.HasStarted)
        {
            response.ContentType = _isJson ? "application/json" : "text/plain; charset=utf-8";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no";
        }

        string text = _isJson ? JsonSerializer.Serialize(line, ModelRunnerJson.Web.ProgressLine) : WebUtility.HtmlEncode(line.Type == "error" ? $"Error: {line.Message}" : line.Message);
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text + "\n"), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private sealed class LineProgress(string mode, Action<ProgressLine> tell) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            if (value.Stage == TransferStage.Retrying)
            {
                tell(new ProgressLine("warning", value.Message, mode) { Total = value.Total });
            }
            else if ((value.Layer?.ToString() ?? value.LayerName) is string layer)
            {
                tell(new ProgressLine("progress", value.Message, mode) { Total = value.Total, Layer = new ProgressLayer(layer, value.LayerSize, value.LayerDone) });
            }
        }
    }
}
