using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Server.Access;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.Logging;
using Hearth.Server.Observability;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ui.Chat;

/// <summary>One answer in the making. The caller takes its events whenever it likes; they are put together meanwhile.</summary>
/// <param name="host">The models.</param>
/// <param name="time">The clock.</param>
/// <param name="journal">Where it is remembered for a while.</param>
internal sealed class AnswerRun(ModelHost host, TimeProvider time, RequestJournal journal)
{
    private const string Name = "this page";
    private readonly Lock _gate = new();
    private readonly StringBuilder _raw = new();
    private List<ChatEvent> _events = [];
    private long _first;
    private int _tokens;

    /// <summary>What is happening, for people; null once there is text.</summary>
    public string? Activity { get; private set; } = "Waiting";

    /// <summary>All that the model wrote so far.</summary>
    public string Raw
    {
        get
        {
            lock (_gate)
            {
                return _raw.ToString();
            }
        }
    }

    /// <summary>The model that answers.</summary>
    public string? Model { get; private set; }

    /// <summary>What was measured, as far as it goes.</summary>
    public AnswerFacts Facts { get; private set; } = new(0, 0, 0, 0, 0, 0, "stopped");

    /// <summary>The events since the last call.</summary>
    public IReadOnlyList<ChatEvent> TakeEvents()
    {
        lock (_gate)
        {
            List<ChatEvent> taken = _events;
            _events = [];
            return taken;
        }
    }

    /// <summary>Makes the answer; cancelling ends the work of the engine within a step.</summary>
    /// <param name="body">The request, in OpenAI's words.</param>
    /// <param name="start">What the answer begins with; null for nothing.</param>
    /// <param name="key">Whose request it is.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task RunAsync(JsonObject body, AnswerStart? start, PageKey key, CancellationToken cancellationToken)
    {
        RequestRecord record = journal.Begin(ChatNode.NewId(), Name);
        RequestMeasurement measurement = new(RequestApi.Page, RequestKind.Chat);
        measurement.Follow();
        int status = StatusCodes.Status200OK;
        try
        {
            key.Begin(KeyScope.Inference);
            await AnswerAsync(body, start, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            status = StatusCodes.Status499ClientClosedRequest;
            measurement.Cancel();
            throw;
        }
        catch (Exception exception)
        {
            ApiException error = ErrorTable.Describe(exception);
            status = error.Status;
            measurement.Fail(error, isStopped: false);
            throw;
        }
        finally
        {
            record.End(status);
            host.Metrics.Requests.Record(measurement);
        }
    }

    private async Task AnswerAsync(JsonObject body, AnswerStart? start, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        ChatRequest request = ChatRequest.Read(JsonSerializer.SerializeToElement(body, ChatJson.Default.JsonObject), host);
        GenerationParameters parameters = request.Parameters;
        Model = parameters.Name;
        Activity = $"Loading {parameters.Name}";
        using ModelLease<LanguageModel> lease = await parameters.AcquireAsync(host, cancellationToken);
        LanguageModel model = lease.Model;
        Activity = "Reading";
        ChatPrompt prompt = await Task.Run(() => ChatService.Encode(lease, request.Conversation, cancellationToken), cancellationToken);
        ChatRunOptions options = new() { Generation = parameters.Template, EarlyArguments = true };
        ChatReply reply = new(prompt, options);
        int[] beginning = [];
        if (start is not null)
        {
            start = start.Model == parameters.Name ? start : start with { Tokens = null };
            beginning = Encode(model.Tokenizer, prompt, start);
            Begin(reply, prompt, start, beginning);
        }

        GenerationRequest generation = options.Generation with
        {
            Prompt = [.. prompt.Tokens, .. beginning],
            ShownTokens = prompt.ShownTokens,
            Preamble = prompt.Format.PreambleFor(prompt.Reply),
        };
        using ChoiceRun run = ChoiceRun.Start(model, [generation], 1, cancellationToken);
        void Take(int index, GenerationEvent generated) => this.Take(reply, generated, begun, model.ContextLength);
        await run.ReadAsync(Take, () => ValueTask.CompletedTask, cancellationToken);
    }

    private void Take(ChatReply reply, GenerationEvent generated, long begun, int contextLength)
    {
        lock (_gate)
        {
            if (generated is TextDelta delta)
            {
                if (_first == 0)
                {
                    _first = time.GetTimestamp();
                }

                Activity = null;
                _tokens += delta.Tokens;
                _raw.Append(delta.Text);
            }

            _events.AddRange(reply.Read(generated));
            switch (generated)
            {
                case PromptProgress progress:
                    Activity = progress.Total > 0 && progress.Processed < progress.Total ? $"Reading, {100L * progress.Processed / progress.Total} %" : Activity;
                    Facts = Facts with { PromptTokens = progress.Total, ContextLength = contextLength };
                    break;
                case GenerationFinished finished:
                    Facts = FactsOf(finished, begun, contextLength);
                    break;
                case TextDelta:
                    double seconds = time.GetElapsedTime(_first).TotalSeconds;
                    Facts = Facts with
                    {
                        CompletionTokens = _tokens,
                        ContextLength = contextLength,
                        FirstTokenSeconds = time.GetElapsedTime(begun, _first).TotalSeconds,
                        TokensPerSecond = seconds > 0 && _tokens > 1 ? (_tokens - 1) / seconds : 0,
                    };
                    break;
            }
        }
    }

    private AnswerFacts FactsOf(GenerationFinished finished, long begun, int contextLength)
    {
        GenerationUsage usage = finished.Usage;
        double seconds = finished.Timings.Completion.TotalSeconds;
        ChatFinishReason? reason = _events.OfType<ChatFinished>().LastOrDefault()?.Reason;
        return new AnswerFacts(
            usage.PromptTokens,
            usage.CachedTokens,
            usage.CompletionTokens,
            contextLength,
            _first == 0 ? 0 : time.GetElapsedTime(begun, _first).TotalSeconds,
            seconds > 0 ? usage.CompletionTokens / seconds : 0,
            reason switch { ChatFinishReason.Length => "length", ChatFinishReason.ToolCalls => "tool_calls", _ => "stop" });
    }

    // Marks that the model may write are its tokens; all else is text, whatever it looks like.
    private static int[] Encode(Tokenizer tokenizer, ChatPrompt prompt, AnswerStart start)
    {
        string[] marks = [.. prompt.ShownTokens.Select(tokenizer.TokenText).Where(mark => mark.Length > 0)];
        List<PromptSegment> segments = [.. Split(start.Head, marks)];
        if (start.Tokens is null)
        {
            segments.Add(new PromptSegment(start.Text, false));
        }

        List<int> tokens = tokenizer.Encode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(segments), addSpecial: false);
        return [.. tokens, .. start.Tokens?.Select(token => token.Id) ?? []];
    }

    private static IEnumerable<PromptSegment> Split(string text, string[] marks)
    {
        int plain = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (Array.Find(marks, mark => string.CompareOrdinal(text, i, mark, 0, mark.Length) == 0) is string found)
            {
                if (i > plain)
                {
                    yield return new PromptSegment(text[plain..i], false);
                }

                yield return new PromptSegment(found, true);
                plain = i + found.Length;
                i = plain - 1;
            }
        }

        if (plain < text.Length)
        {
            yield return new PromptSegment(text[plain..], false);
        }
    }

    // The reader of the reply has to know where in it the model goes on.
    private void Begin(ChatReply reply, ChatPrompt prompt, AnswerStart start, int[] tokens)
    {
        lock (_gate)
        {
            int shown = tokens.FirstOrDefault(prompt.IsShown);
            if (start.Head.Length > 0)
            {
                Feed(start.Head, [new TokenProbability(shown, Encoding.UTF8.GetBytes(start.Head), 0, [])]);
            }

            if (start.Text.Length > 0)
            {
                Feed(start.Text, start.Tokens is null
                    ? [new TokenProbability(shown, Encoding.UTF8.GetBytes(start.Text), 0, [])]
                    : [.. start.Tokens.Select(Restore)]);
            }
        }

        void Feed(string text, IReadOnlyList<TokenProbability> known)
        {
            _raw.Append(text);
            foreach (ChatEvent happened in reply.Read(new TextDelta(text, known)))
            {
                _events.Add(happened is ContentDelta content && start.Tokens is null ? content with { LogProbabilities = [] } : happened);
            }
        }
    }

    private static TokenProbability Restore(TokenChoice token) => new(token.Id, token.Bytes, token.LogProbability, [.. token.Top.Select(Restore)]) { Rank = token.Rank };
}
