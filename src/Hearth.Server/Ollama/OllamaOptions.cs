using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Hearth.Server.Settings;

namespace Hearth.Server.Ollama;

/// <summary>The <c>options</c> of a request: Ollama's, and llama.cpp's sampling options by its names. All others are ignored, as Ollama does.</summary>
internal sealed class OllamaOptions
{
    private const int MaxStops = 64;
    private const int DefaultKeep = 4;
    private const int MaxContextsToPredict = 10;
    private const string Field = "options";
    private readonly RequestReader _reader;

    private OllamaOptions(JsonObject options)
    {
        _reader = new RequestReader(JsonSerializer.SerializeToElement(options, OllamaJson.Web.JsonObject), Field);
        Context = _reader.Integer("num_ctx") is int context ? Math.Max(0, context) : null;
        Predict = _reader.Integer("num_predict");
        Keep = _reader.Integer("num_keep") ?? DefaultKeep;
        Stop = [.. _reader.Texts("stop", MaxStops).Where(text => text.Length > 0)];
        HasStop = _reader.TryGet("stop", out _);
    }

    /// <summary>Tokens of context that are asked for; null for the model's own.</summary>
    public int? Context { get; }

    /// <summary>Tokens that an answer has at most; negative for no limit, null for the model's own.</summary>
    public int? Predict { get; }

    private int Keep { get; }

    private IReadOnlyList<string> Stop { get; }

    private bool HasStop { get; }

    /// <summary>Reads the options of a request.</summary>
    /// <exception cref="ApiException">One has a value of another type.</exception>
    public static OllamaOptions Read(RequestReader request)
    {
        if (!request.TryGet(Field, out JsonElement value))
        {
            return new OllamaOptions([]);
        }

        return value.ValueKind == JsonValueKind.Object ? new OllamaOptions(Check(value)) : throw request.Wrong(Field, "an object", value);
    }

    /// <summary>Options, or a model's parameters, with the types that they have.</summary>
    /// <exception cref="ApiException">One has a value of another type.</exception>
    public static JsonObject Check(JsonElement options)
    {
        JsonObject read = [];
        foreach (JsonProperty option in options.EnumerateObject())
        {
            if (option.Value.ValueKind != JsonValueKind.Null)
            {
                read[option.Name] = Check(option);
            }
        }

        return read;
    }

    /// <summary>What is to be generated, still without its prompt.</summary>
    /// <param name="served">The model.</param>
    /// <param name="contextLength">Tokens of context that it has.</param>
    public GenerationRequest ToGeneration(ServedModel served, int contextLength)
    {
        int limit = (int)Math.Min(int.MaxValue, (long)contextLength * MaxContextsToPredict);
        int wanted = Predict ?? served.Options.MaxTokens ?? -1;
        return new GenerationRequest
        {
            Prompt = [],
            MaxTokens = wanted < 0 ? limit : Math.Clamp(wanted, 1, limit),
            Sampling = SamplingReader.Read(_reader, served.Header.Config.VocabularySize, DefaultsOf(served)),
            Stop = HasStop ? Stop : served.Options.Stop,
            KeepTokens = Math.Max(0, Keep),
        };
    }

    // What nobody has set is as Ollama's programs expect it.
    private static SamplingOptions DefaultsOf(ServedModel served)
    {
        HashSet<string> unset = [.. served.Describe().Where(setting => setting.Origin == SettingOrigin.Default).Select(setting => setting.Name)];
        SamplingOptions sampling = served.Options.Sampling;
        return sampling with
        {
            TopP = unset.Contains("top-p") ? 0.9f : sampling.TopP,
            MinP = unset.Contains("min-p") ? 0 : sampling.MinP,
        };
    }

    private static JsonNode? Check(JsonProperty option)
    {
        JsonElement value = option.Value;
        switch (option.Name)
        {
            case "num_ctx" or "num_predict" or "num_keep" or "seed" or "top_k" or "repeat_last_n" or "num_batch" or "num_gpu" or "main_gpu" or "num_thread" or "draft_num_predict":
                // Ollama cuts fractions off.
                return value.ValueKind != JsonValueKind.Number ? throw Wrong(option.Name, "integer")
                    : value.TryGetInt64(out long whole) ? whole
                    : (long)value.GetDouble();
            case "temperature" or "top_p" or "min_p" or "typical_p" or "repeat_penalty" or "presence_penalty" or "frequency_penalty":
                return value.ValueKind == JsonValueKind.Number ? JsonNode.Parse(value.GetRawText()) : throw Wrong(option.Name, "float32");
            case "use_mmap":
                return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(option.Name, "boolean");
            case "stop" when value.ValueKind == JsonValueKind.String:
                return new JsonArray(value.GetString());
            case "stop":
                return value.ValueKind != JsonValueKind.Array ? throw Wrong(option.Name, "array")
                    : value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String) ? throw Wrong(option.Name, "an array of strings")
                    : JsonNode.Parse(value.GetRawText());
            default:
                return value.ValueKind is JsonValueKind.Object && option.Name != "logit_bias" ? null : JsonNode.Parse(value.GetRawText(), null, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
    }

    private static ApiException Wrong(string name, string type) => OllamaErrors.Invalid($"option \"{name}\" must be of type {type}");
}
