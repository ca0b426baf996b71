using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hearth.Server.LocalAi;

/// <summary>A job that has begun.</summary>
/// <param name="Uuid">Its name.</param>
/// <param name="Status">Where to ask how far it is.</param>
internal sealed record JobLink(Guid Uuid, string Status);

/// <summary>How far a job is.</summary>
internal sealed record JobBody
{
    /// <summary>The file that was last worked on.</summary>
    public required string FileName { get; init; }

    /// <summary>What went wrong; null for nothing.</summary>
    public required string? Error { get; init; }

    /// <summary>Whether it is over.</summary>
    public required bool Processed { get; init; }

    /// <summary>What it does; <c>completed</c> at a good end.</summary>
    public required string Message { get; init; }

    /// <summary>How much of it is done, of 100.</summary>
    public required double Progress { get; init; }

    /// <summary>Bytes of the model, for people.</summary>
    public required string FileSize { get; init; }

    /// <summary>Bytes that are there, for people.</summary>
    public required string DownloadedSize { get; init; }

    /// <summary>The model, as the request named it.</summary>
    public required string GalleryElementName { get; init; }

    /// <summary>Whether it removed the model.</summary>
    public required bool Deletion { get; init; }

    /// <summary>Whether the server ended it.</summary>
    public required bool Cancelled { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JobLink))]
[JsonSerializable(typeof(JobBody))]
[JsonSerializable(typeof(Dictionary<string, JobBody>))]
internal sealed partial class LocalAiJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page.</summary>
    public static LocalAiJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
