using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary>Runs the requests of <c>/api/generate</c> and <c>/api/chat</c>.</summary>
internal static class OllamaRun
{
    private static readonly TimeSpan s_unloadPatience = TimeSpan.FromSeconds(5);

    /// <summary>Loads or unloads a model for a request that asks nothing else.</summary>
    public static async Task LoadAsync(HttpContext context, OllamaModels models, OllamaRequest request, ServedModel served, OllamaAnswer answer)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        if (request.Unloads)
        {
            try
            {
                await Task.WhenAll(models.Host.BeginUnload([served])).WaitAsync(s_unloadPatience, cancellationToken);
            }
            catch (TimeoutException)
            {
                // It goes when those who use it have ended.
            }
        }
        else
        {
            using ModelLease<LanguageModel> lease = await models.LeaseAsync(served, request.KeepAlive, request.Options.Context, cancellationToken);
        }

        await OllamaWriter.AnswerAsync(context, answer.Nothing(request.Unloads ? "unload" : "load"), OllamaJson.Web.AnswerBody);
    }

    /// <summary>Answers a prompt.</summary>
    public static async Task AnswerAsync(HttpContext context, OllamaRequest request, ModelLease<LanguageModel> lease, ChatPrompt prompt, OllamaAnswer answer)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        if (request.OnlyRenders)
        {
            await OllamaWriter.AnswerAsync(context, answer.Prompt(prompt.Text), OllamaJson.Web.AnswerBody);
            return;
        }

        using ChatRun run = ChatRun.Start(lease.Model, prompt, request.RunOptions(lease.Served, lease.Model), cancellationToken);
        if (!request.Stream)
        {
            await run.ReadAsync((_, happened) => answer.Piece(happened), () => ValueTask.CompletedTask, cancellationToken);
            await OllamaWriter.AnswerAsync(context, answer.Whole(), OllamaJson.Web.AnswerBody);
            return;
        }

        await OllamaStream.RunAsync(context, stream =>
        {
            void Take(int choice, ChatEvent happened)
            {
                if (answer.Piece(happened) is AnswerBody piece)
                {
                    stream.Write(piece, OllamaJson.Web.AnswerBody);
                }
            }

            return run.ReadAsync(Take, () => stream.FlushAsync(cancellationToken), cancellationToken);
        });
    }
}
