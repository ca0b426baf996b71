using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hearth.Server.Status;

/// <summary>What <c>GET /status</c> tells.</summary>
/// <param name="Version">The program's version.</param>
/// <param name="MemoryBytes">Memory that loaded models may need together.</param>
/// <param name="UsedBytes">Memory that they need.</param>
/// <param name="Waiting">Requests that wait for a model to be loaded.</param>
/// <param name="MaxWaiting">How many of those there may be.</param>
/// <param name="Models">Models that are loaded and continue text.</param>
/// <param name="FailedLoads">Models that could not be loaded when they were last wanted.</param>
internal sealed record ServerStatus(
    string Version, long MemoryBytes, long UsedBytes, int Waiting, int MaxWaiting, IReadOnlyList<QueueStatus> Models, IReadOnlyList<FailedLoad> FailedLoads);

/// <summary>How much a loaded model has to do.</summary>
/// <param name="Model">The model.</param>
/// <param name="Running">Requests that run.</param>
/// <param name="Waiting">Requests that wait.</param>
/// <param name="MaxWaiting">How many may wait.</param>
internal sealed record QueueStatus(string Model, int Running, int Waiting, int MaxWaiting);

/// <summary>A model that could not be loaded.</summary>
/// <param name="Model">The model.</param>
/// <param name="Message">Why.</param>
/// <param name="At">When.</param>
internal sealed record FailedLoad(string Model, string Message, DateTimeOffset At);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServerStatus))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is.</summary>
    public static StatusJson Web { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
