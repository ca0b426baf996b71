using System.Text;
using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.OpenAi;

/// <summary>What the completion endpoints share: reading the body, ids, and names.</summary>
internal static class Endpoint
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 64 };

    /// <summary>The request body as JSON, whatever content type it claims.</summary>
    public static async Task<JsonDocument> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        JsonDocument document = await JsonDocument.ParseAsync(request.Body, s_options, cancellationToken);
        return document;
    }

    public static string NewId(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    public static string NameOf(FinishReason reason) => reason == FinishReason.Stop ? "stop" : "length";

    /// <summary>Runs a request to its end.</summary>
    public static async Task<Answer> CollectAsync(LanguageModel model, GenerationRequest request, CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        List<TokenProbability> logProbabilities = [];
        GenerationFinished? finished = null;
        await foreach (GenerationEvent generated in model.GenerateAsync(request, cancellationToken))
        {
            if (generated is TextDelta delta)
            {
                text.Append(delta.Text);
                logProbabilities.AddRange(delta.LogProbabilities);
            }

            finished = generated as GenerationFinished;
        }

        return new Answer(text.ToString(), logProbabilities, finished ?? throw new InvalidOperationException("The model's events ended without an end."));
    }

    /// <summary>Runs a stream; a failure after its first event becomes an event.</summary>
    public static async Task StreamAsync(HttpContext context, Func<ServerSentEvents, Task> write)
    {
        ServerSentEvents events = new(context.Response);
        try
        {
            await write(events);
            await events.EndAsync(context.RequestAborted);
        }
        catch (OperationCanceledException) when (events.HasStarted && ServerDrain.HasEnded(context))
        {
            await events.WriteErrorAsync(ServerDrain.Stopping(), ServerDrain.ClientGone(context));
        }
        catch (Exception exception) when (events.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            ServerLog.StreamFailed(context, exception);
            await events.WriteErrorAsync(ErrorTable.Describe(exception), context.RequestAborted);
        }
    }
}

/// <summary>A whole answer.</summary>
/// <param name="Text">Its text.</param>
/// <param name="LogProbabilities">Its tokens' log-probabilities, where asked for.</param>
/// <param name="Finished">How it ended.</param>
internal sealed record Answer(string Text, IReadOnlyList<TokenProbability> LogProbabilities, GenerationFinished Finished);
