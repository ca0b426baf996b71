using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;

namespace Hearth.Server.OpenAi;

/// <summary>What chat and text completions have in common.</summary>
/// <param name="Served">The model that answers, which need not be loaded yet.</param>
/// <param name="KeepAlive">How long it stays loaded after the request; null for its own time.</param>
/// <param name="Template">The request to run, still without its prompt.</param>
/// <param name="Choices">Answers wanted for each prompt.</param>
/// <param name="Stream">Whether the answer is sent as it is made.</param>
/// <param name="IncludeUsage">Whether a stream ends with the token counts.</param>
internal sealed record GenerationParameters(ServedModel Served, TimeSpan? KeepAlive, GenerationRequest Template, int Choices, bool Stream, bool IncludeUsage)
{
    /// <summary>Answers that may be wanted for a prompt.</summary>
    public const int MaxChoices = 128;
    private const int MaxStops = 64;
    private const double MaxSeconds = 7 * 24 * 3600;

    /// <summary>The name of the model that answers.</summary>
    public string Name => Served.Name;

    /// <summary>The model that answers, once it is loaded.</summary>
    public LanguageModel Model
    {
        get => field ?? throw new InvalidOperationException("The model is not loaded yet.");
        init;
    }

    /// <summary>Reads the fields.</summary>
    /// <param name="reader">The request.</param>
    /// <param name="host">The models.</param>
    /// <param name="topLogProbabilities">Alternatives to report with each token; null for no log-probabilities.</param>
    /// <param name="minTokens">Tokens that must be asked for at least.</param>
    public static GenerationParameters Read(RequestReader reader, ModelHost host, int? topLogProbabilities, int minTokens = 1)
    {
        ServedModel served = host.FindLanguage(reader.Text("model"));
        TimeSpan? keepAlive = reader.KeepAlive();
        bool stream = reader.Flag("stream") ?? false;
        RequestReader? streamOptions = reader.Object("stream_options");
        if (streamOptions is not null && !stream)
        {
            throw ApiException.Invalid("'stream_options' is only allowed when 'stream' is true.", "stream_options", "invalid_value");
        }

        bool includeUsage = streamOptions?.Flag("include_usage") ?? false;
        streamOptions?.Note("include_obfuscation");
        streamOptions?.End();
        LazyGrammar lazy = LazyGrammar.Read(reader);
        GenerationRequest request = ReadGeneration(reader, served, MaxTokens(reader, minTokens)) with
        {
            Constraint = ConstraintReader.Read(reader, lazy),
            PreservedTokens = lazy.Preserved,
            TopLogProbabilities = topLogProbabilities,
            Truncate = reader.Flag("truncate") ?? false,
        };
        int choices = reader.Integer("n", 1, MaxChoices) ?? 1;
        reader.Note("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options");
        NoteCaching(reader);
        return new GenerationParameters(served, keepAlive, request, choices, stream, includeUsage);
    }

    /// <summary>What requests of all OpenAI's routes say in the same way of how text is made.</summary>
    public static GenerationRequest ReadGeneration(RequestReader reader, ServedModel served, int? maxTokens)
    {
        IReadOnlyList<string> stop = reader.Texts("stop", MaxStops);
        if (stop.Contains(string.Empty))
        {
            throw ApiException.Invalid("'stop' has an empty string, which would stop at once.", "stop", "invalid_value");
        }

        return new GenerationRequest
        {
            Prompt = [],
            MaxTokens = maxTokens ?? served.Options.MaxTokens,
            Sampling = SamplingReader.Read(reader, served.Header.Config.VocabularySize, served.Options.Sampling),
            Stop = stop.Count > 0 ? stop : served.Options.Stop,
            AdapterScales = AdapterScales(reader),
            TimeLimit = TimeLimit(reader),
            ContextShift = reader.Flag("context_shift") ?? false,
            KeepTokens = reader.Integer("n_keep", 0) ?? 0,
        };
    }

    /// <summary>Starts the choices of prompts, those of a prompt next to each other.</summary>
    /// <inheritdoc cref="LanguageModel.Submit" path="/exception"/>
    public ChoiceRun Start(IReadOnlyList<IReadOnlyList<int>> prompts, CancellationToken cancellationToken) => ChoiceRun.Start(
        Model, [.. prompts.SelectMany(prompt => Enumerable.Range(0, Choices).Select(choice => ChoiceRun.ForChoice(Template with { Prompt = prompt }, choice)))], Choices, cancellationToken);

    /// <summary>Loads the model; a request that cannot be right has been refused before.</summary>
    public Task<ModelLease<LanguageModel>> AcquireAsync(ModelHost host, CancellationToken cancellationToken) =>
        host.LeaseAsync(Served, KeepAlive, cancellationToken);

    /// <summary>Takes llama-server's hints about its slots and caches: prompts that begin alike are read once, whatever they say.</summary>
    internal static void NoteCaching(RequestReader reader) => reader.Note("cache_prompt", "id_slot", "n_cache_reuse");

    internal static TimeSpan? TimeLimit(RequestReader reader)
    {
        const string Name = "timeout";
        return reader.Number(Name) switch
        {
            null => null,
            double seconds and > 0 and <= MaxSeconds => TimeSpan.FromSeconds(seconds),
            double seconds => throw ApiException.Invalid($"'{Name}' is {seconds}; expected seconds above 0 and up to {MaxSeconds}.", Name, "invalid_value"),
        };
    }

    // As llama-server has it: a list of {id, scale}; adapters that are not in it are not used.
    internal static Dictionary<int, float>? AdapterScales(RequestReader reader)
    {
        if (!reader.TryGet("lora", out JsonElement list))
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw reader.Wrong("lora", "a list of objects with 'id' and 'scale'", list);
        }

        Dictionary<int, float> scales = [];
        foreach ((int index, JsonElement item) in list.EnumerateArray().Index())
        {
            RequestReader adapter = new(item, $"lora[{index}]");
            int id = adapter.Integer("id", 0) ?? throw ApiException.Invalid($"'{adapter.Path("id")}' is missing: the adapter's number.", adapter.Path("id"), "missing_required_parameter");
            scales[id] = (float)(adapter.Number("scale") ?? 1);
            adapter.End();
        }

        return scales;
    }

    private static int? MaxTokens(RequestReader reader, int minimum)
    {
        int? newer = reader.Integer("max_completion_tokens", minimum);
        int? older = reader.Integer("max_tokens", minimum);
        if (newer is not null && older is not null && newer != older)
        {
            throw ApiException.Invalid("'max_tokens' and 'max_completion_tokens' say different things; give one of them.", "max_tokens", "invalid_value");
        }

        return newer ?? older;
    }

    /// <summary>True for values that ask for nothing: false, 0, and empty lists and objects.</summary>
    public static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.Number => value.TryGetDouble(out double number) && number == 0,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    public static Func<JsonElement, bool> IsText(params string[] harmless) => value => value.ValueKind == JsonValueKind.String && harmless.Contains(value.GetString());
}
