using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Hearth.Server.OpenAi;

namespace Hearth.Server.LlamaServer;

internal sealed record LlamaFailure(LlamaFailureDetail Error);

internal sealed record LlamaFailureDetail(int Code, string Message, string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? NPromptTokens { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? NCtx { get; init; }
}

/// <summary>A part of an answer, in a stream.</summary>
internal sealed record NativePart(int Index, string Content, IReadOnlyList<int> Tokens, bool Stop, int IdSlot, int TokensPredicted, int TokensEvaluated)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NativeProbability>? CompletionProbabilities { get; init; }
}

/// <summary>An answer, or the end of a stream.</summary>
internal sealed record NativeResult
{
    public required int Index { get; init; }

    public required string Content { get; init; }

    public required IReadOnlyList<int> Tokens { get; init; }

    public required int IdSlot { get; init; }

    public required bool Stop { get; init; }

    public required string Model { get; init; }

    public required int TokensPredicted { get; init; }

    public required int TokensEvaluated { get; init; }

    public required GenerationSettings GenerationSettings { get; init; }

    public required string Prompt { get; init; }

    public required bool HasNewLine { get; init; }

    public required bool Truncated { get; init; }

    public required string StopType { get; init; }

    public required string StoppingWord { get; init; }

    public required int TokensCached { get; init; }

    public required TimingsBody Timings { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NativeProbability>? CompletionProbabilities { get; init; }
}

/// <summary>A token's probability: a logarithm of the model's own, or that of being drawn.</summary>
internal sealed record NativeProbability(int Id, string Token, IReadOnlyList<int> Bytes)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? Logprob { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? Prob { get; init; }

    /// <summary>Hearth's own: the token's place in the model's distribution.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? GreedyRank { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NativeProbability>? TopLogprobs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NativeProbability>? TopProbs { get; init; }
}

/// <summary>What was in force for an answer.</summary>
internal sealed record GenerationSettings : SamplingBody
{
    [SetsRequiredMembers]
    public GenerationSettings(SamplingBody sampling)
        : base(sampling)
    {
    }

    /// <summary>-1 for no limit.</summary>
    public int NPredict { get; init; }

    /// <summary>The same under its other name.</summary>
    public int MaxTokens => NPredict;

    public int NKeep { get; init; }

    public int NProbs { get; init; }

    public bool PostSamplingProbs { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    public bool Stream { get; init; }

    public IReadOnlyList<string> Samplers { get; init; } = [];

    public IReadOnlyList<string> DrySequenceBreakers { get; init; } = [];

    public IReadOnlyList<LogitBiasBody> LogitBias { get; init; } = [];

    public IReadOnlyList<LoraScale> Lora { get; init; } = [];
}

/// <summary>A bias; null for never.</summary>
internal sealed record LogitBiasBody(int Token, float? Bias);

internal sealed record LoraScale(int Id, float Scale);

internal sealed record TokenList(IReadOnlyList<int> Tokens);

internal sealed record PieceList(IReadOnlyList<TokenPiece> Tokens);

/// <summary>A token and its text, or its bytes where they are no text of their own.</summary>
internal sealed record TokenPiece(int Id, JsonNode Piece);

internal sealed record ContentBody(string Content);

internal sealed record PromptBody(string Prompt);

internal sealed record NativeEmbedding(int Index, IReadOnlyList<float[]> Embedding);

internal sealed record SlotBody(int Id, int NCtx, bool Speculative, bool IsProcessing);

internal sealed record AdapterBody(int Id, string Path, float Scale)
{
    public string TaskName { get; } = string.Empty;

    public string PromptPrefix { get; } = string.Empty;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LlamaFailure))]
[JsonSerializable(typeof(NativePart))]
[JsonSerializable(typeof(NativeResult))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(PieceList))]
[JsonSerializable(typeof(ContentBody))]
[JsonSerializable(typeof(PromptBody))]
[JsonSerializable(typeof(IReadOnlyList<NativeEmbedding>))]
[JsonSerializable(typeof(IReadOnlyList<SlotBody>))]
[JsonSerializable(typeof(IReadOnlyList<AdapterBody>))]
internal sealed partial class LlamaJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page.</summary>
    public static LlamaJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
