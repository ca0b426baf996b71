using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;

namespace Hearth.Server.OpenAi;

/// <summary>A request to <c>/v1/completions</c>.</summary>
/// <param name="Parameters">Model, limits and sampling.</param>
/// <param name="Inputs">The prompts as they came, each a text or token ids.</param>
internal sealed record CompletionRequest(GenerationParameters Parameters, IReadOnlyList<CompletionInput> Inputs)
{
    private const int MaxPrompts = 128;
    private const int MaxLogProbabilities = 5;

    /// <summary>The prompts, each as token ids, once the model is loaded.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Prompts { get; private init; } = [];

    /// <summary>Alternatives to write with each token; null for no log-probabilities.</summary>
    public int? LogProbabilities { get; private init; }

    /// <summary>Whether the prompt comes before its answer.</summary>
    public bool Echo { get; private init; }

    /// <summary>What follows the text that is to be written; empty for nothing.</summary>
    public string Suffix { get; private init; } = string.Empty;

    /// <summary>Answers to make for each prompt, of which the likeliest are given.</summary>
    public int Candidates { get; private init; }

    public static CompletionRequest Read(JsonElement root, ModelHost host)
    {
        RequestReader reader = new(root);
        bool echo = reader.Flag("echo") ?? false;
        int? logProbabilities = reader.Integer("logprobs", 0, MaxLogProbabilities);
        GenerationParameters parameters = GenerationParameters.Read(reader, host, logProbabilities, minTokens: echo ? 0 : 1);
        List<CompletionInput> inputs = ReadPrompts(reader, parameters.Served.Header.VocabularySize);
        CompletionRequest request = new(parameters, inputs)
        {
            LogProbabilities = logProbabilities,
            Echo = echo,
            Suffix = reader.Text("suffix") ?? string.Empty,
            Candidates = ReadCandidates(reader, parameters),
        };
        reader.End();
        if (echo && (request.Suffix.Length > 0 || parameters.Template.Truncate))
        {
            string other = request.Suffix.Length > 0 ? "suffix" : "truncate";
            throw ApiException.Unsupported("echo", $"'echo' is not supported together with '{other}'. Leave one of them out.");
        }

        return request;
    }

    /// <summary>The request for its model.</summary>
    public CompletionRequest On(LanguageModel model) => this with
    {
        Parameters = Parameters with { Model = model },
        Prompts = [.. Inputs.Select(input => Encode(input, model.Tokenizer)).Select(RequireTokens)],
    };

    /// <summary>Starts the candidates of the prompts, those of a prompt next to each other.</summary>
    /// <inheritdoc cref="LanguageModel.Submit" path="/exception"/>
    public ChoiceRun Start(CancellationToken cancellationToken) => ChoiceRun.Start(
        Parameters.Model, [.. Prompts.SelectMany(prompt => Enumerable.Range(0, Candidates).Select(candidate => ForCandidate(prompt, candidate)))], Candidates, cancellationToken);

    // The candidates of a prompt share its log-probabilities, but those of a stream cannot wait for each other.
    private GenerationRequest ForCandidate(IReadOnlyList<int> prompt, int candidate) => ChoiceRun.ForChoice(Parameters.Template, candidate) with
    {
        Prompt = prompt,
        TopLogProbabilities = LogProbabilities ?? (Candidates > Parameters.Choices ? 0 : null),
        PromptLogProbabilities = Echo && (candidate == 0 || Parameters.Stream) ? LogProbabilities : null,
    };

    private IReadOnlyList<int> Encode(CompletionInput input, Tokenizer tokenizer) => Suffix.Length > 0 ? SuffixPrompt.Encode(input, Suffix, tokenizer)
        : input.Tokens ?? tokenizer.Encode(input.Text!, addSpecial: true, parseSpecial: true);

    private static int ReadCandidates(RequestReader reader, GenerationParameters parameters)
    {
        const string Name = "best_of";
        int candidates = reader.Integer(Name, 1, GenerationParameters.MaxChoices) ?? parameters.Choices;
        return candidates < parameters.Choices
            ? throw ApiException.Invalid($"'{Name}' is {candidates}, but 'n' asks for {parameters.Choices} answers; it must be at least as much.", Name, "invalid_value")
            : candidates > parameters.Choices && parameters.Stream
            ? throw ApiException.Unsupported(Name, $"'{Name}' is not supported in streams: which answers are the best is known at their ends. Leave out 'stream'.")
            : candidates;
    }

    private static List<CompletionInput> ReadPrompts(RequestReader reader, int vocabulary)
    {
        if (!reader.TryGet("prompt", out JsonElement value))
        {
            throw ApiException.Invalid("'prompt' is missing: the text to continue.", "prompt", "missing_required_parameter");
        }

        bool isList = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind != JsonValueKind.Number;
        if (!isList)
        {
            return [ReadPrompt(reader, value, vocabulary)];
        }

        return value.GetArrayLength() <= MaxPrompts
            ? [.. value.EnumerateArray().Select(prompt => ReadPrompt(reader, prompt, vocabulary))]
            : throw ApiException.Invalid($"'prompt' may have at most {MaxPrompts} entries, not {value.GetArrayLength()}.", "prompt", "invalid_value");
    }

    private static CompletionInput ReadPrompt(RequestReader reader, JsonElement value, int vocabulary) => value.ValueKind switch
    {
        JsonValueKind.String => new CompletionInput(reader.Text(value, "prompt"), null),
        JsonValueKind.Array => new CompletionInput(null, RequireTokens(reader.Tokens(value, "prompt", vocabulary))),
        _ => throw reader.Wrong("prompt", "a string, an array of token ids, or an array of these", value),
    };

    // Some vocabularies add a token to an empty text, which can then be continued.
    private static IReadOnlyList<int> RequireTokens(IReadOnlyList<int> tokens) =>
        tokens.Count > 0 ? tokens : throw ApiException.Invalid("'prompt' is empty: there is nothing to continue.", "prompt", "invalid_value");
}

/// <summary>A prompt as it came: one of the two.</summary>
/// <param name="Text">The text.</param>
/// <param name="Tokens">The token ids.</param>
internal sealed record CompletionInput(string? Text, IReadOnlyList<int>? Tokens);
