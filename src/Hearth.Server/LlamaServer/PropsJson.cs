using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hearth.Server.LlamaServer;

internal sealed record PropsBody
{
    public required GenerationSettingsBody DefaultGenerationSettings { get; init; }

    public required int TotalSlots { get; init; }

    public required string ModelAlias { get; init; }

    public required string ModelPath { get; init; }

    public required ModalitiesBody Modalities { get; init; }

    public required string ChatTemplate { get; init; }

    public required string? BosToken { get; init; }

    public required string? EosToken { get; init; }

    public required string BuildInfo { get; init; }

    /// <summary>Whether the model is not loaded; the next request loads it.</summary>
    public required bool IsSleeping { get; init; }
}

internal sealed record GenerationSettingsBody(int NCtx, SamplingBody Params);

internal sealed record ModalitiesBody(bool Vision, bool Audio);

internal record SamplingBody
{
    public required long Seed { get; init; }

    public required float Temperature { get; init; }

    public required float DynatempRange { get; init; }

    public required float DynatempExponent { get; init; }

    public required int TopK { get; init; }

    public required float TopP { get; init; }

    public required float MinP { get; init; }

    public required float TopNSigma { get; init; }

    public required float TypicalP { get; init; }

    public required int MinKeep { get; init; }

    public required int RepeatLastN { get; init; }

    public required float RepeatPenalty { get; init; }

    public required float PresencePenalty { get; init; }

    public required float FrequencyPenalty { get; init; }

    public required float DryMultiplier { get; init; }

    public required float DryBase { get; init; }

    public required int DryAllowedLength { get; init; }

    public required int DryPenaltyLastN { get; init; }

    public required float XtcProbability { get; init; }

    public required float XtcThreshold { get; init; }

    public required int Mirostat { get; init; }

    public required float MirostatTau { get; init; }

    public required float MirostatEta { get; init; }

    public required bool IgnoreEos { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PropsBody))]
internal sealed partial class PropsJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page.</summary>
    public static PropsJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
