using System.Text.Json;
using Hearth.Engine.Scheduling;
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

    public static CompletionRequest Read(JsonElement root, ModelHost host)
    {
        RequestReader reader = new(root);
        GenerationParameters parameters = GenerationParameters.Read(reader, host, reader.Integer("logprobs", 0, MaxLogProbabilities));
        List<CompletionInput> inputs = ReadPrompts(reader, parameters.Served.Header.VocabularySize);
        reader.Refuse("echo", GenerationParameters.IsNothing, ": send the prompt's text back yourself");
        reader.Refuse("suffix", value => value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0, ": filling in the middle is not there yet");
        reader.Refuse("best_of", value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int best) && best == parameters.Choices, ", other than equal to 'n'");
        reader.End();
        return new CompletionRequest(parameters, inputs);
    }

    /// <summary>The request for its model.</summary>
    public CompletionRequest On(LanguageModel model) => this with
    {
        Parameters = Parameters with { Model = model },
        Prompts = [.. Inputs.Select(input => input.Tokens ?? model.Tokenizer.Encode(input.Text!, addSpecial: true, parseSpecial: true)).Select(RequireTokens)],
    };

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
