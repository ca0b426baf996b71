using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.LlamaServer;

/// <summary><c>POST /completion</c> and <c>POST /infill</c>, in llama-server's own shape.</summary>
internal sealed class NativeCompletions(ModelHost host)
{
    public async Task CompleteAsync(HttpContext context)
    {
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        NativeRequest request = NativeRequest.Read(reader, host);
        List<NativePrompt> prompts = NativePrompt.ReadAll(reader, request.Served.Header.Config.VocabularySize, out bool isList);
        using ModelLease<LanguageModel> lease = await host.LeaseAsync(request.Served, request.KeepAlive, context.RequestAborted);
        Tokenizer tokenizer = lease.Model.Tokenizer;
        await AnswerAsync(context, request, lease, [.. prompts.Select(prompt => prompt.Encode(tokenizer, addSpecial: true, parseSpecial: true))], isList);
    }

    public async Task InfillAsync(HttpContext context)
    {
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        NativeRequest request = NativeRequest.Read(reader, host);
        InfillPrompt prompt = InfillPrompt.Read(reader);
        using ModelLease<LanguageModel> lease = await host.LeaseAsync(request.Served, request.KeepAlive, context.RequestAborted);
        await AnswerAsync(context, request, lease, [prompt.Encode(lease.Model.Tokenizer, lease.Model.ContextLength)], isList: false);
    }

    private static async Task AnswerAsync(HttpContext context, NativeRequest request, ModelLease<LanguageModel> lease, List<List<int>> prompts, bool isList)
    {
        if (prompts.Exists(prompt => prompt.Count == 0))
        {
            throw ApiException.Invalid("'prompt' is empty: there is nothing to continue.", "prompt", "invalid_value");
        }

        CancellationToken cancellationToken = context.RequestAborted;
        GenerationRequest[] requests =
        [
            .. prompts.SelectMany(prompt => Enumerable.Range(0, request.Choices).Select(choice => ChoiceRun.ForChoice(request.Template with { Prompt = prompt }, choice))),
        ];
        using ChoiceRun run = ChoiceRun.Start(lease.Model, requests, request.Choices, cancellationToken);
        NativeAnswer[] answers = [.. requests.Select((_, index) => new NativeAnswer(request, lease.Model, prompts[index / request.Choices], index))];
        if (request.Stream)
        {
            await Endpoint.StreamAsync(
                context,
                events => run.ReadAsync((index, generated) => Write(answers[index], generated, events), () => events.FlushAsync(cancellationToken), cancellationToken),
                (events, error) => events.Write(LlamaErrors.Body(error), LlamaJson.Web.LlamaFailure));
            return;
        }

        await run.ReadAsync((index, generated) => answers[index].Add(generated), () => ValueTask.CompletedTask, cancellationToken);
        JsonNode[] results = [.. answers.Select(answer => answer.Result())];
        JsonNode whole = results is [JsonNode only] && !isList ? only : new JsonArray(results);
        await context.Response.WriteAsJsonAsync(whole, LlamaJson.Web.JsonNode, cancellationToken: cancellationToken);
    }

    private static void Write(NativeAnswer answer, GenerationEvent generated, ServerSentEvents events)
    {
        NativePart? part = answer.Add(generated);
        if (part is not null)
        {
            events.Write(part, LlamaJson.Web.NativePart);
        }
        else if (generated is GenerationFinished)
        {
            events.Write(answer.Result(), LlamaJson.Web.JsonNode);
        }
    }
}
