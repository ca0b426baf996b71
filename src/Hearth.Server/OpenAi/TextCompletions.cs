using System.Text;
using System.Text.Json;
using Hearth.Engine.Scheduling;
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
        foreach (IReadOnlyList<int> prompt in request.Prompts)
        {
            request.Parameters.Model.Check(request.Parameters.ForChoice(prompt, 0));
        }

        string id = Endpoint.NewId("cmpl");
        long created = time.GetUtcNow().ToUnixTimeSeconds();
        if (request.Parameters.Stream)
        {
            await Endpoint.StreamAsync(context, events => StreamAsync(request, id, created, events, cancellationToken));
        }
        else
        {
            TextCompletion completion = await CompleteAsync(request, id, created, cancellationToken);
            await context.Response.WriteAsJsonAsync(completion, OpenAiJson.Web.TextCompletion, cancellationToken: cancellationToken);
        }
    }

    private static async Task<TextCompletion> CompleteAsync(CompletionRequest request, string id, long created, CancellationToken cancellationToken)
    {
        List<TextChoice> choices = [];
        int completionTokens = 0;
        foreach ((int index, GenerationRequest choice) in Choices(request))
        {
            Answer answer = await Endpoint.CollectAsync(request.Parameters.Model, choice, cancellationToken);
            completionTokens += answer.Finished.Usage.CompletionTokens;
            choices.Add(new TextChoice(index, answer.Text, LogProbabilities(request, answer.LogProbabilities, 0), Endpoint.NameOf(answer.Finished.Reason)));
        }

        return new TextCompletion(id, created, request.Parameters.Name, choices) { Usage = Usage(request, completionTokens) };
    }

    private static async Task StreamAsync(CompletionRequest request, string id, long created, ServerSentEvents events, CancellationToken cancellationToken)
    {
        string name = request.Parameters.Name;
        int completionTokens = 0;
        foreach ((int index, GenerationRequest choice) in Choices(request))
        {
            int offset = 0;
            await foreach (GenerationEvent generated in request.Parameters.Model.GenerateAsync(choice, cancellationToken))
            {
                TextChoice? part = null;
                if (generated is TextDelta delta)
                {
                    part = new TextChoice(index, delta.Text, LogProbabilities(request, delta.LogProbabilities, offset), null);
                    offset += delta.Text.Length;
                }
                else if (generated is GenerationFinished finished)
                {
                    completionTokens += finished.Usage.CompletionTokens;
                    part = new TextChoice(index, string.Empty, null, Endpoint.NameOf(finished.Reason));
                }

                if (part is not null)
                {
                    await events.WriteAsync(new TextCompletion(id, created, name, [part]), OpenAiJson.Web.TextCompletion, cancellationToken);
                }
            }
        }

        if (request.Parameters.IncludeUsage)
        {
            TextCompletion usage = new(id, created, name, []) { Usage = Usage(request, completionTokens) };
            await events.WriteAsync(usage, OpenAiJson.Web.TextCompletion, cancellationToken);
        }
    }

    private static IEnumerable<(int Index, GenerationRequest Request)> Choices(CompletionRequest request) => request.Prompts
        .SelectMany(prompt => Enumerable.Range(0, request.Parameters.Choices).Select(choice => request.Parameters.ForChoice(prompt, choice)))
        .Select((choice, index) => (index, choice));

    private static UsageBody Usage(CompletionRequest request, int completionTokens) => new(request.Prompts.Sum(prompt => prompt.Count), completionTokens);

    private static TextLogProbabilities? LogProbabilities(CompletionRequest request, IReadOnlyList<TokenProbability> tokens, int offset)
    {
        if (request.Parameters.Template.TopLogProbabilities is null)
        {
            return null;
        }

        List<int> offsets = [];
        List<string> texts = [.. tokens.Select(Text)];
        foreach (string text in texts)
        {
            offsets.Add(offset);
            offset += text.Length;
        }

        return new TextLogProbabilities(texts, [.. tokens.Select(token => token.LogProbability)], [.. tokens.Select(Alternatives)], offsets);
    }

    // Two tokens of broken bytes can have the same text; the likelier one, which comes first, is kept.
    private static Dictionary<string, float> Alternatives(TokenProbability token)
    {
        Dictionary<string, float> alternatives = [];
        foreach (TokenProbability top in token.Top)
        {
            alternatives.TryAdd(Text(top), top.LogProbability);
        }

        return alternatives;
    }

    private static string Text(TokenProbability token) => Encoding.UTF8.GetString(token.Bytes.Span);
}
