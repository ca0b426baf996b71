using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>A request to <c>/v1/responses</c>.</summary>
/// <param name="Prompt">What is to be answered, and by which model.</param>
/// <param name="Generation">The request to run, still without its prompt.</param>
/// <param name="KeepAlive">How long the model stays loaded after the request; null for its own time.</param>
/// <param name="Stream">Whether the answer is sent as it is made.</param>
/// <param name="HasOpaqueReasoning">Whether thoughts come with a form to send back, too.</param>
/// <param name="Body">The answer, so far as the request says it.</param>
internal sealed record ResponseRequest(
    ResponsePrompt Prompt, GenerationRequest Generation, TimeSpan? KeepAlive, bool Stream, bool HasOpaqueReasoning, ResponseBody Body)
{
    private const int MaxTopLogProbabilities = 20;
    private const int MaxPairs = 16;
    private const int MaxKeyLength = 64;
    private const int MaxValueLength = 512;
    private const string LogProbabilities = "message.output_text.logprobs";
    private const string OpaqueReasoning = "reasoning.encrypted_content";
    private static readonly JsonElement s_noMetadata = JsonElement.Parse("{}");

    public static ResponseRequest Read(JsonElement root, ModelHost host, ResponseStore store, string? owner)
    {
        RequestReader reader = new(root);
        ResponsePrompt prompt = ResponsePrompt.Read(reader, host, store, owner);
        ServedModel served = prompt.Served;
        TimeSpan? keepAlive = reader.KeepAlive();
        bool stream = ReadStream(reader);
        IReadOnlyList<string> include = ReadInclude(reader);
        int? top = reader.Integer("top_logprobs", 0, MaxTopLogProbabilities);
        bool hasLogProbabilities = include.Contains(LogProbabilities);
        if (top > 0 && !hasLogProbabilities)
        {
            throw ApiException.Invalid($"'top_logprobs' needs '{LogProbabilities}' in 'include'.", "top_logprobs", "invalid_value");
        }

        int? maxTokens = reader.Integer("max_output_tokens", 1);
        GenerationRequest generation = GenerationParameters.ReadGeneration(reader, served, maxTokens) with
        {
            Constraint = prompt.Constraint,
            TopLogProbabilities = hasLogProbabilities ? top ?? 0 : null,
        };
        ResponseBody body = new(ResponseIds.New(ResponseIds.Response), served.Name)
        {
            Instructions = prompt.Instructions,
            MaxOutputTokens = maxTokens,
            // It counts calls of tools that OpenAI's servers run, of which there are none here.
            MaxToolCalls = reader.Integer("max_tool_calls", 1),
            Metadata = ReadMetadata(reader),
            ParallelToolCalls = prompt.Tools.Parallel,
            PreviousResponseId = prompt.Previous?.Id,
            PromptCacheKey = reader.Text("prompt_cache_key"),
            Reasoning = prompt.Reasoning,
            SafetyIdentifier = reader.Text("safety_identifier"),
            Store = reader.Flag("store") ?? true,
            Temperature = generation.Sampling.Temperature,
            Text = new TextBody(prompt.Format),
            ToolChoice = prompt.Tools.ShownChoice,
            Tools = prompt.Tools.All,
            TopLogprobs = top ?? 0,
            TopP = generation.Sampling.TopP,
            Truncation = prompt.Truncates ? ResponsePrompt.Truncation : ResponsePrompt.NoTruncation,
            User = reader.Text("user"),
        };
        RefuseOthers(reader);
        reader.End();
        return new ResponseRequest(prompt, generation, keepAlive, stream, include.Contains(OpaqueReasoning), body);
    }

    private static bool ReadStream(RequestReader reader)
    {
        bool stream = reader.Flag("stream") ?? false;
        RequestReader? options = reader.Object("stream_options");
        if (options is not null && !stream)
        {
            throw ApiException.Invalid("'stream_options' is only allowed when 'stream' is true.", "stream_options", "invalid_value");
        }

        options?.Refuse("include_obfuscation", GenerationParameters.IsNothing, ": events are as long as what they say");
        options?.End();
        return stream;
    }

    private static IReadOnlyList<string> ReadInclude(RequestReader reader)
    {
        const string Name = "include";
        IReadOnlyList<string> include = reader.Texts(Name, MaxPairs);
        string? other = include.FirstOrDefault(value => value is not (LogProbabilities or OpaqueReasoning));
        return other is null ? include
            : throw ApiException.Unsupported(Name, $"'{Name}' has '{other}'; only {LogProbabilities} and {OpaqueReasoning} are supported.");
    }

    private static JsonElement ReadMetadata(RequestReader reader)
    {
        const string Name = "metadata";
        if (!reader.TryGet(Name, out JsonElement value))
        {
            return s_noMetadata;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw reader.Wrong(Name, "an object of strings", value);
        }

        JsonProperty[] pairs = [.. value.EnumerateObject()];
        return pairs.Length <= MaxPairs && Array.TrueForAll(pairs, pair =>
            pair.Value.ValueKind == JsonValueKind.String && pair.Name.Length <= MaxKeyLength && pair.Value.GetString()!.Length <= MaxValueLength)
            ? value
            : throw ApiException.Invalid($"'{Name}' may have {MaxPairs} strings of up to {MaxValueLength} characters, with names of up to {MaxKeyLength}.", Name, "invalid_value");
    }

    private static void RefuseOthers(RequestReader reader)
    {
        reader.Refuse("background", GenerationParameters.IsNothing, ": ask for a stream, or wait for the answer");
        reader.Refuse("prompt", _ => false, ": write the prompt into 'instructions' and 'input'");
        reader.Refuse("moderation", _ => false, string.Empty);
        reader.Refuse("context_management", GenerationParameters.IsNothing, ": items are read as they are sent");
        reader.Refuse("service_tier", GenerationParameters.IsText("auto", "default"), string.Empty);
        reader.Refuse("prompt_cache_retention", GenerationParameters.IsText("in_memory"), ": prompts stay cached as long as there is room");
        reader.Refuse("prompt_cache_options", GenerationParameters.IsNothing, ": all prompts are cached");
    }
}
