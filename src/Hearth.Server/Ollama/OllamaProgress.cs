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
            ProgressBody last = await ToldWork.RunAsync<ProgressBody, ProgressBody>(
                async (tell, token) =>
                {
                    await work(tell, token);
                    return new ProgressBody(Success);
                },
                async body =>
                {
                    stream.Write(body, OllamaJson.Web.ProgressBody);
                    await stream.FlushAsync(cancellationToken);
                },
                cancellationToken);
            stream.Write(last, OllamaJson.Web.ProgressBody);
        });
    }
}
