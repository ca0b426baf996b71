using System.Diagnostics;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;

namespace Hearth.Server.Observability;

/// <summary>What is known of a request that asks a model, whichever API it came by. Whoever works for the request adds to it.</summary>
/// <param name="api">The API.</param>
/// <param name="operation">What it asks; see <see cref="RequestKind"/>.</param>
internal sealed class RequestMeasurement(RequestApi api, string operation)
{
    private static readonly AsyncLocal<RequestMeasurement?> s_current = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly List<AnswerMeasurement> _answers = [];

    /// <summary>That of the request that the caller works for; null where it is of none.</summary>
    public static RequestMeasurement? Current => s_current.Value;

    /// <summary>The API.</summary>
    public RequestApi Api => api;

    /// <summary>What it asks.</summary>
    public string Operation => operation;

    /// <summary>The model, once it is known.</summary>
    public string? Model { get; private set; }

    /// <summary>How the answers are to be made; null where none are.</summary>
    public GenerationRequest? Generation { get; private set; }

    /// <summary>Answers that were asked for.</summary>
    public int Choices { get; private set; }

    /// <summary>Tokens that were read.</summary>
    public long PromptTokens { get; private set; }

    /// <summary>Those of them that were in the cache.</summary>
    public long CachedTokens { get; private set; }

    /// <summary>Tokens that were made.</summary>
    public long CompletionTokens { get; private set; }

    /// <summary>Those of them that were reasoning.</summary>
    public long ReasoningTokens { get; private set; }

    /// <summary>Tokens that were guessed ahead.</summary>
    public long DraftTokens { get; private set; }

    /// <summary>Those of them that were right.</summary>
    public long AcceptedTokens { get; private set; }

    /// <summary>Answers that are complete.</summary>
    public IReadOnlyList<AnswerMeasurement> Answers => _answers;

    /// <summary>What the client was told instead of an answer, or at its end.</summary>
    public ApiException? Error { get; private set; }

    /// <summary>How it ended.</summary>
    public string Outcome { get; private set; } = RequestOutcome.Ok;

    /// <summary>How long it has taken.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>Makes this the one of the request that the caller works for from now on.</summary>
    public void Follow() => s_current.Value = this;

    /// <summary>Notes the model that is asked; null changes nothing.</summary>
    public void Use(ServedModel? served) => Model = served?.Name ?? Model;

    /// <summary>Notes how answers are to be made.</summary>
    public void Begin(IReadOnlyList<GenerationRequest> requests)
    {
        Generation = requests[0];
        Choices = Math.Max(Choices, requests.Count);
    }

    /// <summary>Counts tokens.</summary>
    public void Count(long prompt, long completion)
    {
        PromptTokens += prompt;
        CompletionTokens += completion;
    }

    /// <summary>Notes an answer that is complete.</summary>
    /// <param name="finished">Its end.</param>
    /// <param name="submitted">When the model was given the request (<see cref="Stopwatch"/>).</param>
    public void Add(GenerationFinished finished, long submitted)
    {
        GenerationTimings timings = finished.Timings;
        int further = finished.Usage.CompletionTokens - 1;
        _answers.Add(new AnswerMeasurement(
            finished.Reason, Stopwatch.GetElapsedTime(_started, submitted) + timings.Waiting + timings.Prompt, further > 0 ? timings.Completion / further : null));
    }

    /// <summary>Counts tokens of some kinds, of the answers that are complete.</summary>
    /// <param name="totals">What they took.</param>
    /// <param name="cached">Tokens of the prompts that were in the cache.</param>
    public void Add(GenerationTotals totals, long cached)
    {
        CachedTokens += cached;
        ReasoningTokens += totals.ReasoningTokens;
        DraftTokens += totals.DraftTokens;
        AcceptedTokens += totals.AcceptedTokens;
    }

    /// <summary>Notes an error that the client is told.</summary>
    /// <param name="error">The error.</param>
    /// <param name="isStopped">Whether the server broke the request off because it stops.</param>
    public void Fail(ApiException error, bool isStopped)
    {
        Error = error;
        Outcome = isStopped ? RequestOutcome.Cancelled : RequestOutcome.Of(error);
    }

    /// <summary>Notes that nobody waits for the answer any more.</summary>
    public void Cancel() => Outcome = RequestOutcome.Cancelled;

    /// <summary>Notes that something went wrong when nobody could be told any more.</summary>
    public void Break() => Outcome = RequestOutcome.Failed;
}

/// <summary>An answer that is complete.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="FirstToken">From the request's arrival to the first token.</param>
/// <param name="NextToken">From one token to the next, on average; null where there is no second one.</param>
internal readonly record struct AnswerMeasurement(FinishReason Reason, TimeSpan FirstToken, TimeSpan? NextToken);
