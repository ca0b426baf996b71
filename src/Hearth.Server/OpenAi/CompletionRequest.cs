using System.Text.Json;
using Hearth.Engine.Tokenization;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi;

/// <summary>A request to <c>/v1/completions</c>.</summary>
/// <param name="Parameters">Model, limits and sampling.</param>
/// <param name="Prompts">The prompts, each as token ids.</param>
internal sealed record CompletionRequest(GenerationParameters Parameters, IReadOnlyList<IReadOnlyList<int>> Prompts)
{
    private const int MaxPrompts = 128;
    private const int MaxLogProbabilities = 5;

    public static CompletionRequest Read(JsonElement root, ModelHost host)
    {
        RequestReader reader = new(root);
        GenerationParameters parameters = GenerationParameters.Read(reader, host, reader.Integer("logprobs", 0, MaxLogProbabilities));
        List<IReadOnlyList<int>> prompts = ReadPrompts(reader, parameters.Model.Tokenizer);
        reader.Refuse("echo", GenerationParameters.IsNothing, ": send the prompt's text back yourself");
        reader.Refuse("suffix", value => value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0, ": filling in the middle is not there yet");
        reader.Refuse("best_of", value => value.TryGetInt32(out int best) && best == parameters.Choices, ", other than equal to 'n'");
        reader.End();
        return new CompletionRequest(parameters, prompts);
    }

    private static List<IReadOnlyList<int>> ReadPrompts(RequestReader reader, Tokenizer tokenizer)
    {
        if (!reader.TryGet("prompt", out JsonElement value))
        {
            throw ApiException.Invalid("'prompt' is missing: the text to continue.", "prompt", "missing_required_parameter");
        }

        bool isList = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind != JsonValueKind.Number;
        if (!isList)
        {
            return [ReadPrompt(reader, value, tokenizer)];
        }

        return value.GetArrayLength() <= MaxPrompts
            ? [.. value.EnumerateArray().Select(prompt => ReadPrompt(reader, prompt, tokenizer))]
            : throw ApiException.Invalid($"'prompt' may have at most {MaxPrompts} entries, not {value.GetArrayLength()}.", "prompt", "invalid_value");
    }

    private static List<int> ReadPrompt(RequestReader reader, JsonElement value, Tokenizer tokenizer)
    {
        List<int> tokens = value.ValueKind switch
        {
            JsonValueKind.String => tokenizer.Encode(reader.Text(value, "prompt"), addSpecial: true, parseSpecial: true),
            JsonValueKind.Array => reader.Tokens(value, "prompt", tokenizer.VocabularySize),
            _ => throw reader.Wrong("prompt", "a string, an array of token ids, or an array of these", value),
        };
        return tokens.Count > 0 ? tokens : throw ApiException.Invalid("'prompt' is empty: there is nothing to continue.", "prompt", "invalid_value");
    }
}
