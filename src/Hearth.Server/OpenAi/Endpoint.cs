using System.Text;
using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Logging;
using Hearth.Server.Observability;
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
        if (UnicodeCheck.FindBroken(document.RootElement) is not string path)
        {
            return document;
        }

        document.Dispose();
        throw path.Length == 0
            ? ApiException.Invalid("The request body has a name that is not valid Unicode text.", null, "invalid_unicode")
            : ApiException.Invalid($"'{path}' is not valid Unicode text.", path, "invalid_unicode");
    }

    public static string NewId(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    public static string NameOf(FinishReason reason) => reason == FinishReason.Stop ? "stop" : "length";

    /// <summary>Runs choices to their ends.</summary>
    public static async Task<Answer[]> CollectAsync(ChoiceRun run, int choices, CancellationToken cancellationToken)
    {
        Answer[] answers = [.. Enumerable.Range(0, choices).Select(_ => new Answer())];
        void Take(int index, GenerationEvent generated)
        {
            if (generated is TextDelta delta)
            {
                answers[index].Text.Append(delta.Text);
                answers[index].LogProbabilities.AddRange(delta.LogProbabilities);
            }
            else if (generated is PromptScored scored)
            {
                answers[index].Prompt.AddRange(scored.Tokens);
            }
            else if (generated is GenerationFinished finished)
            {
                answers[index].Reason = finished.Reason;
            }
        }

        await run.ReadAsync(Take, () => ValueTask.CompletedTask, cancellationToken);
        return answers;
    }

    /// <summary>Runs one of OpenAI's streams.</summary>
    public static Task StreamAsync(HttpContext context, Func<ServerSentEvents, Task> write)
    {
        async Task WriteAsync(ServerSentEvents events)
        {
            await write(events);
            events.WriteEndMark();
        }

        return StreamAsync(context, WriteAsync, (events, error) => events.Write(OpenAiErrors.Body(error), OpenAiJson.Web.ErrorBody));
    }

    /// <summary>Runs a stream; a failure after its first event becomes an event.</summary>
    public static async Task StreamAsync(HttpContext context, Func<ServerSentEvents, Task> write, Action<ServerSentEvents, ApiException> writeError)
    {
        using ServerSentEvents events = new(context.Response);
        try
        {
            await write(events);
            await events.FlushAsync(context.RequestAborted);
        }
        catch (OperationCanceledException) when (events.HasStarted && ServerDrain.HasEnded(context))
        {
            ApiException stopping = ServerDrain.Stopping();
            RequestMeasurement.Current?.Fail(stopping, isStopped: true);
            writeError(events, stopping);
            await events.FlushAsync(ServerDrain.ClientGone(context));
        }
        catch (Exception exception) when (events.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            ApiException error = ErrorTable.Describe(exception);
            RequestMeasurement.Current?.Fail(error, isStopped: false);
            if (error.Status == StatusCodes.Status500InternalServerError)
            {
                ServerLog.StreamFailed(context, exception);
            }

            writeError(events, error);
            await events.FlushAsync(context.RequestAborted);
        }
    }
}

/// <summary>An answer as it comes together.</summary>
internal sealed class Answer
{
    /// <summary>Its text.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>Log-probabilities of the prompt's tokens from the second on, where asked for.</summary>
    public List<TokenProbability> Prompt { get; } = [];

    /// <summary>Its tokens' log-probabilities, where asked for.</summary>
    public List<TokenProbability> LogProbabilities { get; } = [];

    /// <summary>Why it ended.</summary>
    public FinishReason Reason { get; set; }
}
