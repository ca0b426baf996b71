#pragma warning disable CA1822 // The constants of a JSON shape are instance members: the serializer writes nothing else.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hearth.Server.Files;

/// <summary>OpenAI's file object.</summary>
internal sealed record FileObject(string Id, long Bytes, long CreatedAt, string Filename, string Purpose)
{
    public string Object => "file";

    public string Status => "processed";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExpiresAt { get; init; }

    public static FileObject Of(FileRecord record) =>
        new(record.Id, record.Bytes, record.CreatedAt, record.Filename, record.Purpose) { ExpiresAt = record.ExpiresAt };
}

internal sealed record FileList(IReadOnlyList<FileObject> Data, string? FirstId, string? LastId, bool HasMore)
{
    public string Object => "list";
}

internal sealed record FileDeleted(string Id)
{
    public string Object => "file";

    public bool Deleted => true;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FileRecord))]
[JsonSerializable(typeof(FileObject))]
[JsonSerializable(typeof(FileList))]
[JsonSerializable(typeof(FileDeleted))]
internal sealed partial class FileJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page.</summary>
    public static FileJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
