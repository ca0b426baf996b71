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
        using ChoiceRun run = request.Start(cancellationToken);
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
        Answer[] answers = await Endpoint.CollectAsync(run, request.Prompts.Count * request.Candidates, cancellationToken);
        List<TextChoice> choices = [];
        foreach ((int prompt, Answer[] candidates) in answers.Chunk(request.Candidates).Index())
        {
            IReadOnlyList<TokenProbability> scores = candidates[0].Prompt;
            foreach (Answer answer in Best(candidates, request.Parameters.Choices))
            {
                CompletionChoice choice = new(request, prompt, choices.Count);
                TextChoice? echo = request.Echo ? choice.Echo(scores) : null;
                TextChoice written = choice.Answer(answer.Text.ToString(), answer.LogProbabilities, answer.Reason);
                choices.Add(echo is null ? written : CompletionChoice.Join(echo, written));
            }
        }

        return new TextCompletion(id, created, request.Parameters.Name, choices)
        {
            Usage = OpenAiUsage.Of(run.Totals),
            Timings = OpenAiUsage.TimingsOf(run.Totals),
        };
    }

    // By the mean log-probability of a token; an empty answer has none and comes last.
    private static IEnumerable<Answer> Best(Answer[] candidates, int count) => candidates.Length == count
        ? candidates
        : candidates.OrderByDescending(answer => answer.LogProbabilities.Select(token => (double)token.LogProbability).DefaultIfEmpty(double.NegativeInfinity).Average()).Take(count);

    private static async Task StreamAsync(CompletionRequest request, ChoiceRun run, string id, long created, ServerSentEvents events, CancellationToken cancellationToken)
    {
        string name = request.Parameters.Name;
        int open = request.Prompts.Count * request.Candidates;
        CompletionChoice[] choices = [.. Enumerable.Range(0, open).Select(index => new CompletionChoice(request, index / request.Candidates, index))];
        List<TokenProbability>?[] echoes = [.. choices.Select(_ => request.Echo ? new List<TokenProbability>() : null)];
        void Write(TextChoice choice, TimingsBody? timings = null) =>
            events.Write(new TextCompletion(id, created, name, [choice]) { Timings = timings }, OpenAiJson.Web.TextCompletion);
        void Take(int index, GenerationEvent generated)
        {
            if (generated is PromptScored scored)
            {
                echoes[index]!.AddRange(scored.Tokens);
            }
            else if (generated is TextDelta or GenerationFinished && echoes[index] is { } scores)
            {
                Write(choices[index].Echo(scores));
                echoes[index] = null;
            }

            if (generated is TextDelta delta)
            {
                Write(choices[index].Answer(delta.Text, delta.LogProbabilities, null));
            }
            else if (generated is GenerationFinished finished)
            {
                Write(choices[index].End(finished.Reason), --open == 0 ? OpenAiUsage.TimingsOf(run.Totals) : null);
            }
        }

        await run.ReadAsync(Take, () => events.FlushAsync(cancellationToken), cancellationToken);
        if (request.Parameters.IncludeUsage)
        {
            events.Write(new TextCompletion(id, created, name, []) { Usage = OpenAiUsage.Of(run.Totals) }, OpenAiJson.Web.TextCompletion);
        }
    }
}
