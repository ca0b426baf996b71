using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Hearth.Engine.Scheduling;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Observability;

/// <summary>
/// Spans and metrics by OpenTelemetry's conventions for generative AI (opentelemetry.io/docs/specs/semconv/gen-ai). They cost nothing while nobody
/// listens, and never have the text of a prompt or an answer, nor anything else that a request says in words.
/// </summary>
internal static class GenAiTelemetry
{
    /// <summary>The name of the source of spans and of the meter.</summary>
    public const string Name = "Hearth.Server";

    private const string Provider = "hearth";
    private const string Seconds = "s";

    private static readonly Meter s_meter = new(Name);

    private static readonly Histogram<double> s_operation = Create(
        "gen_ai.client.operation.duration", Seconds, "Time that operations took, as their caller sees it.", Buckets.Request);

    private static readonly Histogram<double> s_request = Create("gen_ai.server.request.duration", Seconds, "Time that requests took.", Buckets.Request);

    private static readonly Histogram<double> s_firstToken = Create(
        "gen_ai.server.time_to_first_token", Seconds, "Time from a request's arrival to the first token of an answer.", Buckets.FirstToken);

    private static readonly Histogram<double> s_nextToken = Create(
        "gen_ai.server.time_per_output_token", Seconds, "Average time between the tokens of an answer, after the first.", Buckets.NextToken);

    private static readonly Histogram<double> s_tokens = Create("gen_ai.client.token.usage", "{token}", "Tokens that operations read (input) and made (output).", Buckets.Tokens);

    /// <summary>The source of spans.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Whether somebody listens to the metrics.</summary>
    public static bool IsMetered => s_request.Enabled;

    /// <summary>Begins a request's span, below the one that its header <c>traceparent</c> names; null while nobody listens.</summary>
    public static Activity? Start(HttpRequest request, string operation)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        string? parent = request.Headers["traceparent"];
        ActivityContext.TryParse(parent, request.Headers["tracestate"], isRemote: true, out ActivityContext context);

        // One that the web server may have is not sent anywhere, so it cannot be the parent.
        Activity.Current = null;
        return Source.StartActivity(operation, ActivityKind.Server, context);
    }

    /// <summary>Records a request that is over.</summary>
    public static void Record(RequestMeasurement request, Activity? activity)
    {
        if (activity is not null)
        {
            Describe(request, activity);
        }

        if (!IsMetered)
        {
            return;
        }

        TagList tags = new()
        {
            { "gen_ai.operation.name", request.Operation },
            { "gen_ai.provider.name", Provider },
            { "gen_ai.request.model", request.Model },
            { "gen_ai.response.model", request.Model },
        };
        RecordTokens(request, tags);
        foreach (AnswerMeasurement answer in request.Answers)
        {
            s_firstToken.Record(answer.FirstToken.TotalSeconds, tags);
            if (answer.NextToken is TimeSpan next)
            {
                s_nextToken.Record(next.TotalSeconds, tags);
            }
        }

        if (ErrorOf(request) is string error)
        {
            tags.Add("error.type", error);
        }

        s_operation.Record(request.Elapsed.TotalSeconds, tags);
        s_request.Record(request.Elapsed.TotalSeconds, tags);
    }

    private static void RecordTokens(RequestMeasurement request, TagList tags)
    {
        void Record(string type, long tokens)
        {
            if (tokens > 0)
            {
                s_tokens.Record(tokens, [.. tags, new KeyValuePair<string, object?>("gen_ai.token.type", type)]);
            }
        }

        Record("input", request.PromptTokens);
        Record("output", request.CompletionTokens);
    }

    private static void Describe(RequestMeasurement request, Activity activity)
    {
        activity.DisplayName = request.Model is null ? request.Operation : $"{request.Operation} {request.Model}";
        activity.SetTag("gen_ai.operation.name", request.Operation);
        activity.SetTag("gen_ai.provider.name", Provider);
        activity.SetTag("gen_ai.request.model", request.Model);
        activity.SetTag("gen_ai.response.model", request.Model);
        activity.SetTag("gen_ai.usage.input_tokens", request.PromptTokens);
        activity.SetTag("gen_ai.usage.output_tokens", request.CompletionTokens);
        activity.SetTag("gen_ai.usage.cache_read.input_tokens", request.CachedTokens);
        activity.SetTag("hearth.api", RequestKind.NameOf(request.Api));
        activity.SetTag("hearth.outcome", request.Outcome);
        if (request.Generation is GenerationRequest generation)
        {
            Describe(generation, request.Choices, activity);
        }

        if (request.Answers.Count > 0)
        {
            activity.SetTag("gen_ai.response.finish_reasons", request.Answers.Select(answer => answer.Reason == FinishReason.Stop ? "stop" : "length").ToArray());
        }

        if (ErrorOf(request) is string error)
        {
            activity.SetTag("error.type", error);
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static void Describe(GenerationRequest generation, int choices, Activity activity)
    {
        activity.SetTag("gen_ai.request.temperature", generation.Sampling.Temperature);
        activity.SetTag("gen_ai.request.top_p", generation.Sampling.TopP);
        activity.SetTag("gen_ai.request.top_k", generation.Sampling.TopK);
        activity.SetTag("gen_ai.request.frequency_penalty", generation.Sampling.FrequencyPenalty);
        activity.SetTag("gen_ai.request.presence_penalty", generation.Sampling.PresencePenalty);
        activity.SetTag("gen_ai.request.seed", generation.Sampling.Seed);
        activity.SetTag("gen_ai.request.max_tokens", generation.MaxTokens);
        activity.SetTag("gen_ai.request.choice.count", choices == 1 ? null : choices);
    }

    private static string? ErrorOf(RequestMeasurement request) =>
        request.Outcome == RequestOutcome.Ok ? null : request.Error?.Code ?? request.Error?.Status.ToString(CultureInfo.InvariantCulture) ?? request.Outcome;

    private static Histogram<double> Create(string name, string unit, string description, IReadOnlyList<double> bounds) =>
        s_meter.CreateHistogram(name, unit, description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
