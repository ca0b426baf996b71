using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.OpenAi;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatCompletions(ModelHost host, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        ChatRequest request = ChatRequest.Read(body.RootElement, host);
        GenerationParameters parameters = request.Parameters;
        using ModelLease<LanguageModel> lease = await parameters.AcquireAsync(host, cancellationToken);
        ChatPrompt prompt = ChatService.Encode(lease, request.Conversation, cancellationToken);
        ChatRunOptions options = new() { Generation = parameters.Template, Choices = parameters.Choices, EarlyArguments = parameters.Stream };
        using ChatRun run = ChatRun.Start(lease.Model, prompt, options, cancellationToken);
        ChatWriter writer = new(parameters.Name, time.GetUtcNow(), request.UsesFunctions, parameters.Template.TopLogProbabilities is not null);
        if (parameters.Stream)
        {
            await Endpoint.StreamAsync(context, events => StreamAsync(run, writer, events, parameters.IncludeUsage, cancellationToken));
        }
        else
        {
            IReadOnlyList<ChatAnswer> answers = await run.CollectAsync(cancellationToken);
            await context.Response.WriteAsJsonAsync(writer.Completion(answers, run.Totals), OpenAiJson.Web.ChatCompletion, cancellationToken: cancellationToken);
        }
    }

    private static async Task StreamAsync(ChatRun run, ChatWriter writer, ServerSentEvents events, bool includeUsage, CancellationToken cancellationToken)
    {
        for (int index = 0; index < run.Choices; index++)
        {
            events.Write(writer.Beginning(index), OpenAiJson.Web.ChatChunk);
        }

        int open = run.Choices;
        void Take(int index, ChatEvent happened)
        {
            bool isLast = happened is ChatFinished && --open == 0;
            if (writer.Chunk(index, happened, isLast ? run.Totals : null) is ChatChunk chunk)
            {
                events.Write(chunk, OpenAiJson.Web.ChatChunk);
            }
        }

        await run.ReadAsync(Take, () => events.FlushAsync(cancellationToken), cancellationToken);
        if (includeUsage)
        {
            events.Write(writer.Usage(run.Totals), OpenAiJson.Web.ChatChunk);
        }
    }
}
