using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.OpenAi;

/// <summary><c>POST /v1/completions</c>.</summary>
internal sealed class TextCompletions(ModelHost host, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        CompletionRequest request = CompletionRequest.Read(body.RootElement, host);
        using ModelLease<LanguageModel> lease = await request.Parameters.AcquireAsync(host, cancellationToken);
        request = request.On(lease.Model);
        using ChoiceRun run = request.Parameters.Start(request.Prompts, cancellationToken);
        string id = Endpoint.NewId("cmpl");
        long created = time.GetUtcNow().ToUnixTimeSeconds();
        if (request.Parameters.Stream)
        {
            await Endpoint.StreamAsync(context, events => StreamAsync(request, run, id, created, events, cancellationToken));
        }
        else
        {
            TextCompletion completion = await CompleteAsync(request, run, id, created, cancellationToken);
            await context.Response.WriteAsJsonAsync(completion, OpenAiJson.Web.TextCompletion, cancellationToken: cancellationToken);
        }
    }

    private static async Task<TextCompletion> CompleteAsync(CompletionRequest request, ChoiceRun run, string id, long created, CancellationToken cancellationToken)
    {
        Answer[] answers = await Endpoint.CollectAsync(run, ChoiceCount(request), cancellationToken);
        TextChoice[] choices =
        [
            .. answers.Select((answer, index) => new TextChoice(
                index, answer.Text.ToString(), Probabilities(request)?.Write(answer.LogProbabilities), Endpoint.NameOf(answer.Reason))),
        ];
        return new TextCompletion(id, created, request.Parameters.Name, choices)
        {
            Usage = OpenAiUsage.Of(run.Totals),
            Timings = OpenAiUsage.TimingsOf(run.Totals),
        };
    }

    private static async Task StreamAsync(CompletionRequest request, ChoiceRun run, string id, long created, ServerSentEvents events, CancellationToken cancellationToken)
    {
        string name = request.Parameters.Name;
        int open = ChoiceCount(request);
        TextProbabilities?[] probabilities = [.. Enumerable.Range(0, open).Select(_ => Probabilities(request))];
        void Take(int index, GenerationEvent generated)
        {
            if (generated is TextDelta delta)
            {
                TextChoice part = new(index, delta.Text, probabilities[index]?.Write(delta.LogProbabilities), null);
                events.Write(new TextCompletion(id, created, name, [part]), OpenAiJson.Web.TextCompletion);
            }
            else if (generated is GenerationFinished finished)
            {
                TextChoice end = new(index, string.Empty, null, Endpoint.NameOf(finished.Reason));
                TimingsBody? timings = --open == 0 ? OpenAiUsage.TimingsOf(run.Totals) : null;
                events.Write(new TextCompletion(id, created, name, [end]) { Timings = timings }, OpenAiJson.Web.TextCompletion);
            }
        }

        await run.ReadAsync(Take, () => events.FlushAsync(cancellationToken), cancellationToken);
        if (request.Parameters.IncludeUsage)
        {
            events.Write(new TextCompletion(id, created, name, []) { Usage = OpenAiUsage.Of(run.Totals) }, OpenAiJson.Web.TextCompletion);
        }
    }

    private static int ChoiceCount(CompletionRequest request) => request.Prompts.Count * request.Parameters.Choices;

    private static TextProbabilities? Probabilities(CompletionRequest request) =>
        request.Parameters.Template.TopLogProbabilities is null ? null : new TextProbabilities(request.Parameters.Model.Tokenizer);
}
