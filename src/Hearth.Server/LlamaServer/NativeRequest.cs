using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;

namespace Hearth.Server.LlamaServer;

/// <summary>
/// What a request to <c>/completion</c> or <c>/infill</c> says beside its prompt. As llama-server has it, unknown fields are ignored; those
/// that it knows and Hearth does not are refused.
/// </summary>
/// <param name="Served">The model that answers.</param>
/// <param name="KeepAlive">How long it stays loaded after the request; null for its own time.</param>
/// <param name="Template">The request to run, still without its prompt.</param>
/// <param name="Choices">Answers wanted for each prompt.</param>
/// <param name="Stream">Whether the answer is sent as it is made.</param>
/// <param name="ReadsOnly">Whether the prompt is read and nothing is said.</param>
/// <param name="Probabilities">Alternatives to show with each token; 0 for no probabilities.</param>
/// <param name="ReturnTokens">Whether the answer has its token ids.</param>
/// <param name="Fields">The parts of the answer that are wanted; empty for all.</param>
internal sealed record NativeRequest(
    ServedModel Served,
    TimeSpan? KeepAlive,
    GenerationRequest Template,
    int Choices,
    bool Stream,
    bool ReadsOnly,
    int Probabilities,
    bool ReturnTokens,
    IReadOnlyList<string> Fields)
{
    private const int Unlimited = -2;
    private const int MaxChoices = 128;
    private const int MaxStops = 64;
    private const int MaxFields = 64;
    private const int MaxProbabilities = 1000;

    public static NativeRequest Read(RequestReader reader, ModelHost host)
    {
        ServedModel served = host.FindLanguage(reader.Text("model"));
        RefuseUnsupported(reader);
        GenerationParameters.NoteCaching(reader);
        LazyGrammar lazy = LazyGrammar.Read(reader);
        int? limit = reader.Integer("n_predict", Unlimited) ?? reader.Integer("max_tokens", Unlimited) ?? reader.Integer("max_completion_tokens", Unlimited);
        int probabilities = reader.Integer("n_probs", 0, MaxProbabilities) ?? reader.Integer("logprobs", 0, MaxProbabilities) ?? 0;
        bool returnTokens = reader.Flag("return_tokens") ?? false;
        string[] stop = [.. reader.Texts("stop", MaxStops).Where(text => text.Length > 0)];
        GenerationRequest template = new()
        {
            Prompt = [],
            MaxTokens = limit switch
            {
                null => served.Options.MaxTokens,
                < 0 => null,
                int tokens => Math.Max(tokens, 1),
            },
            Sampling = SamplingReader.Read(reader, served.Header.Config.VocabularySize, served.Options.Sampling),
            Stop = reader.TryGet("stop", out _) ? stop : served.Options.Stop,
            TopLogProbabilities = probabilities > 0 ? probabilities : returnTokens ? 0 : null,
            Constraint = ConstraintReader.Read(reader, lazy),
            PreservedTokens = lazy.Preserved,
            ProbabilitiesAfterSampling = reader.Flag("post_sampling_probs") ?? false,
            AdapterScales = GenerationParameters.AdapterScales(reader),
            TimeLimit = GenerationParameters.TimeLimit(reader),
            Truncate = reader.Flag("truncate") ?? false,
            ContextShift = reader.Flag("context_shift") ?? false,
            KeepTokens = reader.Integer("n_keep", 0) ?? 0,
        };
        return new NativeRequest(
            served,
            reader.KeepAlive(),
            template,
            reader.Integer("n_cmpl", 1, MaxChoices) ?? reader.Integer("n", 1, MaxChoices) ?? 1,
            reader.Flag("stream") ?? false,
            ReadsOnly: limit == 0,
            probabilities,
            returnTokens,
            reader.Texts("response_fields", MaxFields));
    }

    private static void RefuseUnsupported(RequestReader reader)
    {
        reader.Refuse("n_indent", GenerationParameters.IsNothing, string.Empty);
        reader.Refuse("n_discard", GenerationParameters.IsNothing, ": with 'context_shift' the older half is dropped");
        reader.Refuse("t_max_predict_ms", IsAtMostZero, ": use 'timeout'");
        reader.Refuse("adaptive_target", IsAtMostZero, string.Empty);
        reader.Note("adaptive_decay");
        reader.Refuse("return_progress", GenerationParameters.IsNothing, string.Empty);
        reader.Refuse("timings_per_token", GenerationParameters.IsNothing, ": the end has the times");
        reader.Refuse("sse_ping_interval", value => IsAtMostZero(value) || (value.ValueKind == JsonValueKind.Number && value.GetRawText() == "30"), string.Empty);
        reader.Refuse("verbose", GenerationParameters.IsNothing, string.Empty);
        reader.Refuse("backend_sampling", GenerationParameters.IsNothing, string.Empty);
        reader.Refuse("image_data", GenerationParameters.IsNothing, ": the model reads text");
    }

    private static bool IsAtMostZero(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number <= 0;
}
