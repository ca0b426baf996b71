using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.ModelRunner;

/// <summary>A loaded model, as <c>GET /engines/ps</c> has it; what follows <c>keep_alive</c> is Hearth's own.</summary>
internal sealed record RunnerEntry(string BackendName, string ModelName, string Mode, DateTimeOffset LastUsed)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool InUse { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Loading { get; init; }

    public required string KeepAlive { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    public required int Requests { get; init; }

    public required int ContextLength { get; init; }

    public required long MemoryBytes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SchedulerStatistics? Scheduler { get; init; }
}

internal sealed record UnloadResult(int UnloadedRunners, int BusyRunners);

/// <summary>A model's configuration, with the names of Docker Model Runner.</summary>
internal sealed record ConfigurationEntry(
    [property: JsonPropertyName("Backend")] string Backend,
    [property: JsonPropertyName("Model")] string Model,
    [property: JsonPropertyName("ModelID")] string ModelId,
    [property: JsonPropertyName("Mode")] string Mode,
    [property: JsonPropertyName("Config")] ConfigurationBody Config);

internal sealed record ConfigurationBody
{
    [JsonPropertyName("context-size")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ContextSize { get; init; }

    [JsonPropertyName("runtime-flags")]
    public required IReadOnlyList<string> RuntimeFlags { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SpeculativeBody? Speculative { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EngineBody? Llamacpp { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? KeepAlive { get; init; }

    public required IReadOnlyList<SettingBody> Settings { get; init; }
}

internal sealed record EngineBody([property: JsonPropertyName("reasoning-budget")] int ReasoningBudget);

internal sealed record SpeculativeBody(string DraftModel, int NumTokens);

/// <summary>A setting in force and where it comes from.</summary>
internal sealed record SettingBody(string Name, string Value, string Origin);

/// <summary>A line of a stream of progress.</summary>
internal sealed record ProgressLine(string Type, string Message, string Mode)
{
    public long Total { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProgressLayer? Layer { get; init; }
}

internal sealed record ProgressLayer(string Id, long Size, long Current);

/// <summary>What a tag or a repackaging has made.</summary>
internal sealed record TargetResult(string Message, string Target)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }
}

/// <summary>Bytes on the drive: of models, and of the engine beside the program itself, which is none.</summary>
internal sealed record DiskUsageResult(long ModelsDiskUsage, long DefaultBackendDiskUsage);

internal sealed record VersionResult(string Version);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<RunnerEntry>))]
[JsonSerializable(typeof(UnloadResult))]
[JsonSerializable(typeof(IReadOnlyList<ConfigurationEntry>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<Dictionary<string, string>>))]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(TargetResult))]
[JsonSerializable(typeof(DiskUsageResult))]
[JsonSerializable(typeof(VersionResult))]
[JsonSerializable(typeof(ModelObject))]
[JsonSerializable(typeof(IReadOnlyList<ModelObject>))]
internal sealed partial class ModelRunnerJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page.</summary>
    public static ModelRunnerJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
