using System.Text;
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
        using ModelLease<LanguageModel> lease = await request.Parameters.AcquireAsync(host, cancellationToken);
        request = request with { Parameters = request.Parameters with { Model = lease.Model } };
        IReadOnlyList<int> prompt = ChatService.Encode(request.Parameters.Model, lease.Served.Options.Conversation.Begin(request.Messages), cancellationToken);
        using ChoiceRun run = request.Parameters.Start([prompt], cancellationToken);
        if (request.Parameters.Stream)
        {
            await Endpoint.StreamAsync(context, events => StreamAsync(request.Parameters, run, events, cancellationToken));
        }
        else
        {
            await AnswerAsync(request.Parameters, run, context.Response, cancellationToken);
        }
    }

    private async Task AnswerAsync(GenerationParameters parameters, ChoiceRun run, HttpResponse response, CancellationToken cancellationToken)
    {
        Answer[] answers = await Endpoint.CollectAsync(run, parameters.Choices, cancellationToken);
        ChatChoice[] choices =
        [
            .. answers.Select((answer, index) => new ChatChoice(
                index, new AssistantMessage(answer.Text.ToString()), LogProbabilities(parameters, answer.LogProbabilities), Endpoint.NameOf(answer.Reason))),
        ];
        ChatCompletion completion = new(Endpoint.NewId("chatcmpl"), Now(), parameters.Name, choices, run.Totals.Usage())
        {
            Timings = run.Totals.Timings(),
        };
        await response.WriteAsJsonAsync(completion, OpenAiJson.Web.ChatCompletion, cancellationToken: cancellationToken);
    }

    private async Task StreamAsync(GenerationParameters parameters, ChoiceRun run, ServerSentEvents events, CancellationToken cancellationToken)
    {
        string id = Endpoint.NewId("chatcmpl");
        long created = Now();
        void Write(int index, ChatDelta delta, ChatLogProbabilities? logProbabilities, string? reason, TimingsBody? timings = null) => events.Write(
            new ChatChunk(id, created, parameters.Name, [new ChatChunkChoice(index, delta, logProbabilities, reason)]) { Timings = timings }, OpenAiJson.Web.ChatChunk);

        for (int index = 0; index < parameters.Choices; index++)
        {
            Write(index, new ChatDelta { Role = ChatMessage.AssistantRole, Content = string.Empty }, null, null);
        }

        int open = parameters.Choices;
        void Take(int index, GenerationEvent generated)
        {
            if (generated is TextDelta delta)
            {
                Write(index, new ChatDelta { Content = delta.Text }, LogProbabilities(parameters, delta.LogProbabilities), null);
            }
            else if (generated is GenerationFinished finished)
            {
                Write(index, new ChatDelta(), null, Endpoint.NameOf(finished.Reason), --open == 0 ? run.Totals.Timings() : null);
            }
        }

        await run.ReadAsync(Take, () => events.FlushAsync(cancellationToken), cancellationToken);
        if (parameters.IncludeUsage)
        {
            events.Write(new ChatChunk(id, created, parameters.Name, []) { Usage = run.Totals.Usage() }, OpenAiJson.Web.ChatChunk);
        }
    }

    private static ChatLogProbabilities? LogProbabilities(GenerationParameters parameters, IReadOnlyList<TokenProbability> tokens) =>
        parameters.Template.TopLogProbabilities is null ? null : new ChatLogProbabilities([.. tokens.Select(token => Entry(token) with { TopLogprobs = [.. token.Top.Select(Entry)] })]);

    private static ChatTokenLogProbability Entry(TokenProbability token) =>
        new(Encoding.UTF8.GetString(token.Bytes.Span), token.LogProbability, [.. token.Bytes.ToArray().Select(value => (int)value)]);

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds();
}
