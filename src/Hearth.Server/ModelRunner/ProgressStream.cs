using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Hearth.Server.Errors;
using Hearth.Server.Logging;
using Hearth.Store.Transfer;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.ModelRunner;

/// <summary>
/// Docker Model Runner's stream of progress: a line of JSON for each piece of news, or plain text for clients that do not ask for JSON. Nothing is
/// sent before the first news, so that an early failure still gets its status.
/// </summary>
internal sealed class ProgressStream(HttpContext context, string mode, TimeProvider time) : IProgress<TransferProgress>
{
    private const long BytesBetween = 1 << 20;
    private static readonly TimeSpan s_timeBetween = TimeSpan.FromMilliseconds(100);
    private readonly Channel<ProgressLine> _lines = Channel.CreateUnbounded<ProgressLine>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Bytes, long Time)> _told = [];
    private readonly bool _isJson = context.Request.Headers.Accept.Any(value => value?.Contains("json", StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>Runs work and tells how far it is; the last line says how it ended.</summary>
    /// <param name="work">The work; its result is the last message.</param>
    public async Task RunAsync(Func<IProgress<TransferProgress>, CancellationToken, Task<string>> work)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        Task<string> running = Task.Run(() => work(this, cancellationToken), cancellationToken);
        Task finished = running.ContinueWith(_ => _lines.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await foreach (ProgressLine line in _lines.Reader.ReadAllAsync(cancellationToken))
        {
            await WriteAsync(line, cancellationToken);
        }

        await finished;
        try
        {
            await WriteAsync(new ProgressLine("success", await running, mode), cancellationToken);
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

    /// <inheritdoc/>
    public void Report(TransferProgress value)
    {
        if (value.Stage == TransferStage.Retrying)
        {
            _lines.Writer.TryWrite(new ProgressLine("warning", value.Message, mode) { Total = value.Total });
            return;
        }

        string layer = value.Layer?.ToString() ?? value.LayerName ?? string.Empty;
        if (layer.Length == 0 || !IsNews(layer, value))
        {
            return;
        }

        _lines.Writer.TryWrite(new ProgressLine("progress", value.Message, mode)
        {
            Total = value.Total,
            Layer = new ProgressLayer(layer, value.LayerSize, value.LayerDone),
        });
    }

    private bool IsNews(string layer, TransferProgress value)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            bool isEnd = value.Stage is TransferStage.LayerDone or TransferStage.LayerCached;
            if (_told.TryGetValue(layer, out (long Bytes, long Time) told)
                && !isEnd && value.LayerDone - told.Bytes < BytesBetween && time.GetElapsedTime(told.Time, now) < s_timeBetween)
            {
                return false;
            }

            _told[layer] = (value.LayerDone, now);
            return true;
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
}
