namespace Hearth.Server.Observability;

/// <summary>Requests that ask models: how many, how they end, what they read and make, how long they take.</summary>
/// <param name="models">Values of the label <c>model</c>.</param>
internal sealed class RequestMetrics(ModelLabels models)
{
    private const string Model = "model";
    private const string Api = "api";

    private readonly CounterFamily _requests = new(
        "hearth_requests_total", "Requests that asked a model, by how they ended: ok, refused, failed, cancelled or timeout.", Model, Api, "operation", "outcome");

    private readonly HistogramFamily _duration = new(
        "hearth_request_duration_seconds", "Time that requests took whose outcome was ok.", Buckets.Request, Model, Api, "operation");

    private readonly HistogramFamily _firstToken = new(
        "hearth_time_to_first_token_seconds", "Time from a request's arrival to the first token of an answer, waiting and loading included.", Buckets.FirstToken, Model, Api);

    private readonly HistogramFamily _nextToken = new(
        "hearth_time_per_output_token_seconds", "Average time between the tokens of an answer, after the first.", Buckets.NextToken, Model, Api);

    private readonly CounterFamily _prompt = new("hearth_prompt_tokens_total", "Tokens of prompts and of texts to embed or rank, cached ones included.", Model, Api);
    private readonly CounterFamily _cached = new("hearth_cached_tokens_total", "Tokens of prompts that were in the cache.", Model, Api);
    private readonly CounterFamily _completion = new("hearth_completion_tokens_total", "Tokens that were made, reasoning included.", Model, Api);
    private readonly CounterFamily _reasoning = new("hearth_reasoning_tokens_total", "Tokens that were made for reasoning.", Model, Api);
    private readonly CounterFamily _draft = new("hearth_draft_tokens_total", "Tokens that were guessed ahead.", Model, Api);
    private readonly CounterFamily _accepted = new("hearth_accepted_tokens_total", "Tokens that were guessed ahead and right.", Model, Api);

    /// <summary>The metrics.</summary>
    public IEnumerable<MetricFamily> Families => [_requests, _duration, _firstToken, _nextToken, _prompt, _cached, _completion, _reasoning, _draft, _accepted];

    /// <summary>Counts a request that is over.</summary>
    public void Record(RequestMeasurement request)
    {
        string model = models.Of(request.Model);
        string api = RequestKind.NameOf(request.Api);
        _requests.Add(1, model, api, request.Operation, request.Outcome);
        if (request.Outcome == RequestOutcome.Ok)
        {
            _duration.Observe(request.Elapsed.TotalSeconds, model, api, request.Operation);
        }

        void Count(CounterFamily counter, long tokens)
        {
            if (tokens > 0)
            {
                counter.Add(tokens, model, api);
            }
        }

        Count(_prompt, request.PromptTokens);
        Count(_cached, request.CachedTokens);
        Count(_completion, request.CompletionTokens);
        Count(_reasoning, request.ReasoningTokens);
        Count(_draft, request.DraftTokens);
        Count(_accepted, request.AcceptedTokens);
        foreach (AnswerMeasurement answer in request.Answers)
        {
            _firstToken.Observe(answer.FirstToken.TotalSeconds, model, api);
            if (answer.NextToken is TimeSpan next)
            {
                _nextToken.Observe(next.TotalSeconds, model, api);
            }
        }
    }
}
