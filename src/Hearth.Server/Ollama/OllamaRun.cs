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
    /// <param name="context">The request.</param>
    /// <param name="request">The same, read.</param>
    /// <param name="lease">The model.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="thinks">Whether the model thinks first, so far as the prompt tells it so.</param>
    /// <param name="answer">What the answer is written with.</param>
    public static async Task AnswerAsync(HttpContext context, OllamaRequest request, ModelLease<LanguageModel> lease, ChatPrompt prompt, bool thinks, OllamaAnswer answer)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        if (request.OnlyRenders)
        {
            await OllamaWriter.AnswerAsync(context, answer.Prompt(prompt.Text), OllamaJson.Web.AnswerBody);
            return;
        }

        ChatRunOptions options = request.RunOptions(lease.Served, lease.Model);
        if (!request.Stream)
        {
            await RunAsync(lease.Model, prompt, options, thinks, happened => answer.Piece(happened), () => ValueTask.CompletedTask, cancellationToken);
            await OllamaWriter.AnswerAsync(context, answer.Whole(), OllamaJson.Web.AnswerBody);
            return;
        }

        await OllamaStream.RunAsync(context, stream =>
        {
            void Take(ChatEvent happened)
            {
                if (answer.Piece(happened) is AnswerBody piece)
                {
                    stream.Write(piece, OllamaJson.Web.AnswerBody);
                }
            }

            return RunAsync(lease.Model, prompt, options, thinks, Take, () => stream.FlushAsync(cancellationToken), cancellationToken);
        });
    }

    private static async Task RunAsync(
        LanguageModel model, ChatPrompt prompt, ChatRunOptions options, bool thinks, Action<ChatEvent> take, Func<ValueTask> pauseAsync, CancellationToken cancellationToken)
    {
        OllamaThought? thought = null;
        ChatPrompt asked = prompt;
        if (options.Generation.Constraint is not null && !prompt.HasTools)
        {
            thought = thinks ? await OllamaThought.ThinkAsync(model, prompt, options, take, pauseAsync, cancellationToken) : null;
            if (thought?.Finished is ChatFinished finished)
            {
                take(finished);
                return;
            }

            asked = thought?.Prompt ?? prompt.AsText();
            options = options with { IsContinuation = thought is not null };
            int? left = options.Generation.MaxTokens - thought?.Tokens;
            options = left is int tokens ? options with { Generation = options.Generation with { MaxTokens = Math.Max(1, tokens) } } : options;
        }

        using ChatRun run = ChatRun.Start(model, asked, options, cancellationToken);
        await run.ReadAsync((_, happened) => take(happened is ChatFinished finished && thought is not null ? thought.Add(finished, prompt) : happened), pauseAsync, cancellationToken);
    }
}
