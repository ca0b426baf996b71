using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary>Tells how far work is: line by line, or with a last object only.</summary>
internal static class OllamaProgress
{
    private const string Success = "success";

    /// <summary>Runs work.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isStream">Whether each piece of news is a line.</param>
    /// <param name="work">The work, which is given whom to tell.</param>
    public static async Task RunAsync(HttpContext context, bool isStream, Func<Action<ProgressBody>, CancellationToken, Task> work)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        if (!isStream)
        {
            await work(_ => { }, cancellationToken);
            await OllamaWriter.AnswerAsync(context, new ProgressBody(Success), OllamaJson.Web.ProgressBody, "application/json");
            return;
        }

        await OllamaStream.RunAsync(context, async stream =>
        {
            Channel<ProgressBody> news = Channel.CreateUnbounded<ProgressBody>(new UnboundedChannelOptions { SingleReader = true });
            Task running = Task.Run(() => work(body => news.Writer.TryWrite(body), cancellationToken), cancellationToken);
            Task finished = running.ContinueWith(_ => news.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await foreach (ProgressBody body in news.Reader.ReadAllAsync(CancellationToken.None))
            {
                stream.Write(body, OllamaJson.Web.ProgressBody);
                await stream.FlushAsync(cancellationToken);
            }

            await finished;
            await running;
            stream.Write(new ProgressBody(Success), OllamaJson.Web.ProgressBody);
        });
    }
}
