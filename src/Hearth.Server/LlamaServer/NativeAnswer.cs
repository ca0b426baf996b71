using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Server.OpenAi;

namespace Hearth.Server.LlamaServer;

/// <summary>An answer in llama-server's own shape, as it comes together.</summary>
/// <param name="request">What was asked.</param>
/// <param name="model">The model.</param>
/// <param name="prompt">The prompt's tokens.</param>
/// <param name="index">The answer's number in the request, which is also its slot.</param>
internal sealed class NativeAnswer(NativeRequest request, LanguageModel model, IReadOnlyList<int> prompt, int index)
{
    private readonly StringBuilder _text = new();
    private readonly List<TokenProbability> _tokens = [];
    private GenerationFinished? _finished;
    private int _predicted;

    /// <summary>Takes an event.</summary>
    /// <returns>The part of a stream that it is; null for none.</returns>
    public NativePart? Add(GenerationEvent generated)
    {
        switch (generated)
        {
            case TextDelta delta when !request.ReadsOnly:
                _text.Append(delta.Text);
                _tokens.AddRange(delta.LogProbabilities);
                _predicted += delta.Tokens;
                return new NativePart(index, delta.Text, Ids(delta.LogProbabilities), Stop: false, index, _predicted, prompt.Count)
                {
                    CompletionProbabilities = Probabilities(delta.LogProbabilities),
                };
            case GenerationFinished finished:
                _finished = finished;
                return null;
            default:
                return null;
        }
    }

    /// <summary>The answer, or in a stream its end, which does not repeat the text.</summary>
    public JsonNode Result()
    {
        GenerationFinished finished = _finished!;
        GenerationUsage usage = finished.Usage;
        int predicted = request.ReadsOnly ? 0 : usage.CompletionTokens;
        NativeResult result = new()
        {
            Index = index,
            Content = request.Stream ? string.Empty : _text.ToString(),
            Tokens = request.Stream ? [] : Ids(_tokens),
            IdSlot = index,
            Stop = true,
            Model = request.Served.Name,
            TokensPredicted = predicted,
            TokensEvaluated = usage.PromptTokens,
            GenerationSettings = Settings(),
            Prompt = model.Tokenizer.DecodeText(prompt, includeSpecial: true),
            HasNewLine = _text.ToString().Contains('\n', StringComparison.Ordinal),
            Truncated = finished.Reason == FinishReason.Length && usage.PromptTokens + usage.CompletionTokens >= model.ContextLength,
            StopType = finished.StopText is not null ? "word" : finished.Reason == FinishReason.Stop && !request.ReadsOnly ? "eos" : "limit",
            StoppingWord = finished.StopText ?? string.Empty,
            TokensCached = usage.PromptTokens + predicted,
            Timings = new TimingsBody(
                usage.CachedTokens, usage.PromptTokens - usage.CachedTokens, finished.Timings.Prompt.TotalMilliseconds, predicted, finished.Timings.Completion.TotalMilliseconds)
            {
                DraftN = usage.DraftTokens > 0 ? usage.DraftTokens : null,
                DraftNAccepted = usage.DraftTokens > 0 ? usage.AcceptedTokens : null,
            },
            CompletionProbabilities = request.Stream ? null : Probabilities(_tokens),
        };
        return Pick(JsonSerializer.SerializeToNode(result, LlamaJson.Web.NativeResult)!.AsObject());
    }

    private JsonObject Pick(JsonObject whole)
    {
        if (request.Fields.Count == 0)
        {
            return whole;
        }

        JsonObject picked = [];
        foreach (string path in request.Fields)
        {
            string[] names = path.Split('/');
            JsonNode? found = names.Aggregate((JsonNode?)whole, (node, name) => (node as JsonObject)?[name]);
            if (found is not null)
            {
                picked[names[^1]] = found.DeepClone();
            }
        }

        return picked;
    }

    private GenerationSettings Settings()
    {
        GenerationRequest template = request.Template;
        SamplingOptions sampling = template.Sampling;
        return new GenerationSettings(Props.Sampling(sampling))
        {
            NPredict = request.ReadsOnly ? 0 : template.MaxTokens ?? -1,
            NKeep = template.KeepTokens,
            NProbs = request.Probabilities,
            PostSamplingProbs = template.ProbabilitiesAfterSampling,
            Stop = template.Stop,
            Stream = request.Stream,
            Samplers = [.. sampling.Samplers.Select(SamplerNames.ToName)],
            DrySequenceBreakers = sampling.DrySequenceBreakers,
            LogitBias = [.. (sampling.LogitBias ?? new Dictionary<int, float>()).Select(bias => new LogitBiasBody(bias.Key, float.IsFinite(bias.Value) ? bias.Value : null))],
            Lora = [.. (template.AdapterScales ?? new Dictionary<int, float>()).Select(scale => new LoraScale(scale.Key, scale.Value))],
        };
    }

    private List<int> Ids(IReadOnlyList<TokenProbability> tokens) => request.ReturnTokens ? [.. tokens.Select(token => token.Token)] : [];

    private List<NativeProbability>? Probabilities(IReadOnlyList<TokenProbability> tokens) =>
        request.Probabilities > 0 ? [.. tokens.Select(WithTop)] : null;

    private NativeProbability WithTop(TokenProbability token)
    {
        NativeProbability[] top = [.. token.Top.Select(Entry)];
        NativeProbability entry = Entry(token) with { GreedyRank = token.Rank };
        return request.Template.ProbabilitiesAfterSampling ? entry with { TopProbs = top } : entry with { TopLogprobs = top };
    }

    // JSON has no infinity.
    private NativeProbability Entry(TokenProbability token)
    {
        NativeProbability entry = new(token.Token, TokenJson.Text(token), TokenJson.Bytes(token));
        return request.Template.ProbabilitiesAfterSampling ? entry with { Prob = MathF.Exp(token.LogProbability) }
            : entry with { Logprob = Math.Max(token.LogProbability, float.MinValue) };
    }
}
