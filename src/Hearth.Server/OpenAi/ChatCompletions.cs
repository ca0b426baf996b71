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
        IReadOnlyList<int> prompt = ChatService.Encode(request.Parameters.Model, request.Messages, cancellationToken);
        if (request.Parameters.Stream)
        {
            await Endpoint.StreamAsync(context, events => StreamAsync(request.Parameters, prompt, events, cancellationToken));
        }
        else
        {
            await AnswerAsync(request.Parameters, prompt, context.Response, cancellationToken);
        }
    }

    private async Task AnswerAsync(GenerationParameters parameters, IReadOnlyList<int> prompt, HttpResponse response, CancellationToken cancellationToken)
    {
        List<ChatChoice> choices = [];
        int completionTokens = 0;
        for (int index = 0; index < parameters.Choices; index++)
        {
            Answer answer = await Endpoint.CollectAsync(parameters.Model, parameters.ForChoice(prompt, index), cancellationToken);
            completionTokens += answer.Finished.Usage.CompletionTokens;
            choices.Add(new ChatChoice(index, new AssistantMessage(answer.Text), LogProbabilities(parameters, answer.LogProbabilities), Endpoint.NameOf(answer.Finished.Reason)));
        }

        ChatCompletion completion = new(Endpoint.NewId("chatcmpl"), Now(), parameters.Name, choices, new UsageBody(prompt.Count, completionTokens));
        await response.WriteAsJsonAsync(completion, OpenAiJson.Web.ChatCompletion, cancellationToken: cancellationToken);
    }

    private async Task StreamAsync(GenerationParameters parameters, IReadOnlyList<int> prompt, ServerSentEvents events, CancellationToken cancellationToken)
    {
        string id = Endpoint.NewId("chatcmpl");
        long created = Now();
        int completionTokens = 0;
        Task WriteAsync(int index, ChatDelta delta, ChatLogProbabilities? logProbabilities, string? reason) => events.WriteAsync(
            new ChatChunk(id, created, parameters.Name, [new ChatChunkChoice(index, delta, logProbabilities, reason)]), OpenAiJson.Web.ChatChunk, cancellationToken);

        // What can be refused is refused before the first event, with its own status.
        parameters.Model.Check(parameters.ForChoice(prompt, 0));
        for (int index = 0; index < parameters.Choices; index++)
        {
            await WriteAsync(index, new ChatDelta { Role = ChatMessage.AssistantRole, Content = string.Empty }, null, null);
            await foreach (GenerationEvent generated in parameters.Model.GenerateAsync(parameters.ForChoice(prompt, index), cancellationToken))
            {
                if (generated is TextDelta delta)
                {
                    await WriteAsync(index, new ChatDelta { Content = delta.Text }, LogProbabilities(parameters, delta.LogProbabilities), null);
                }
                else if (generated is GenerationFinished finished)
                {
                    completionTokens += finished.Usage.CompletionTokens;
                    await WriteAsync(index, new ChatDelta(), null, Endpoint.NameOf(finished.Reason));
                }
            }
        }

        if (parameters.IncludeUsage)
        {
            ChatChunk usage = new(id, created, parameters.Name, []) { Usage = new UsageBody(prompt.Count, completionTokens) };
            await events.WriteAsync(usage, OpenAiJson.Web.ChatChunk, cancellationToken);
        }
    }

    private static ChatLogProbabilities? LogProbabilities(GenerationParameters parameters, IReadOnlyList<TokenProbability> tokens) =>
        parameters.Template.TopLogProbabilities is null ? null : new ChatLogProbabilities([.. tokens.Select(token => Entry(token) with { TopLogprobs = [.. token.Top.Select(Entry)] })]);

    private static ChatTokenLogProbability Entry(TokenProbability token) =>
        new(Encoding.UTF8.GetString(token.Bytes.Span), token.LogProbability, [.. token.Bytes.ToArray().Select(value => (int)value)]);

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds();
}
