using System.Text.Json;
using Hearth.Engine.Tokenization;
using Hearth.Server.Errors;
using Hearth.Server.OpenAi;

namespace Hearth.Server.LlamaServer;

/// <summary>A prompt as llama-server takes it: texts and token ids in any order.</summary>
/// <param name="Parts">The parts; of each one is given.</param>
internal sealed record NativePrompt(IReadOnlyList<(string? Text, int Token)> Parts)
{
    private const int MaxPrompts = 128;
    private const string Missing = "missing_required_parameter";

    /// <summary>Reads prompts: a string, an array of token ids and strings, an object with <c>prompt_string</c>, or an array of these.</summary>
    /// <param name="reader">The request.</param>
    /// <param name="vocabulary">Tokens that there are.</param>
    /// <param name="isList">Whether it is an array of prompts.</param>
    public static List<NativePrompt> ReadAll(RequestReader reader, int vocabulary, out bool isList)
    {
        const string Name = "prompt";
        if (!reader.TryGet(Name, out JsonElement value))
        {
            throw ApiException.Invalid("'prompt' is missing: the text to continue.", Name, Missing);
        }

        // An array without any token id is one of prompts.
        isList = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && (IsAll(value, JsonValueKind.String)
            || value.EnumerateArray().Any(item => item.ValueKind is JsonValueKind.Array or JsonValueKind.Object));
        if (!isList)
        {
            return [Read(reader, Name, value, vocabulary)];
        }

        return value.GetArrayLength() <= MaxPrompts
            ? [.. value.EnumerateArray().Select(prompt => Read(reader, Name, prompt, vocabulary))]
            : throw ApiException.Invalid($"'{Name}' may have at most {MaxPrompts} entries, not {value.GetArrayLength()}.", Name, "invalid_value");
    }

    /// <summary>Reads one prompt.</summary>
    public static NativePrompt Read(RequestReader reader, string name, JsonElement value, int vocabulary) => value.ValueKind switch
    {
        JsonValueKind.String => new NativePrompt([(reader.Text(value, name), 0)]),
        JsonValueKind.Array => new NativePrompt([.. value.EnumerateArray().Select(part => part.ValueKind switch
        {
            JsonValueKind.String => (reader.Text(part, name), 0),
            JsonValueKind.Number when part.TryGetInt32(out int token) && token >= 0 && token < vocabulary => ((string?)null, token),
            _ => throw reader.Wrong(name, $"texts and token ids from 0 to {vocabulary - 1}", part),
        })]),
        JsonValueKind.Object => ReadObject(new RequestReader(value, name)),
        _ => throw reader.Wrong(name, "a string, an array of token ids and strings, or an array of these", value),
    };

    /// <summary>The tokens.</summary>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="addSpecial">Whether the first part, if it is a text, gets the tokens that a prompt begins and ends with.</param>
    /// <param name="parseSpecial">Whether special tokens are recognised in texts.</param>
    public List<int> Encode(Tokenizer tokenizer, bool addSpecial, bool parseSpecial)
    {
        List<int> tokens = [];
        bool isFirst = true;
        foreach ((string? text, int token) in Parts)
        {
            if (text is null)
            {
                tokens.Add(token);
            }
            else
            {
                tokens.AddRange(tokenizer.Encode(text, addSpecial && isFirst, parseSpecial));
            }

            isFirst = false;
        }

        return tokens;
    }

    private static bool IsAll(JsonElement array, JsonValueKind kind) => array.EnumerateArray().All(item => item.ValueKind == kind);

    private static NativePrompt ReadObject(RequestReader reader)
    {
        string text = reader.Text("prompt_string") ?? throw ApiException.Invalid($"'{reader.Path("prompt_string")}' is missing.", reader.Path("prompt_string"), Missing);
        reader.Refuse("multimodal_data", GenerationParameters.IsNothing, ": the model reads text");
        return new NativePrompt([(text, 0)]);
    }
}
