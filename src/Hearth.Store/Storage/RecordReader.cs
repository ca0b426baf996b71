using System.Text.Json;
using Hearth.Store.Manifests;

namespace Hearth.Store.Storage;

/// <summary>
/// Reads the files that listing models needs. By hand: a serializer takes longer to get ready than a thousand of them to be read, and a program
/// that only lists models would wait for it.
/// </summary>
internal static class RecordReader
{
    /// <summary>Bytes that such a file may have.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads the file of a reference.</summary>
    /// <exception cref="JsonException">It is broken.</exception>
    /// <exception cref="InvalidDataException">It is too long.</exception>
    public static ReferenceRecord ReadReference(string path) => Read(path, root =>
    {
        JsonElement facts = root.GetProperty("facts");
        return new ReferenceRecord(
            Text(root, "reference"),
            Text(root, "digest") ?? throw new JsonException("it has no digest"),
            Number(root, "size") is >= 0 and long size ? size : throw new JsonException("it has no size"),
            Time(root, "updated") ?? throw new JsonException("it has no time"),
            new ModelFacts
            {
                Package = Enum.TryParse(Text(facts, "package"), out PackageFormat package) && Enum.IsDefined(package) ? package : throw new JsonException("its package is not known"),
                Format = Text(facts, "format") ?? throw new JsonException("it has no format"),
                Architecture = Text(facts, "architecture"),
                Parameters = Text(facts, "parameters"),
                Quantization = Text(facts, "quantization"),
                Size = Text(facts, "size"),
                ContextSize = Number(facts, "contextSize"),
                TrainedContext = Number(facts, "trainedContext"),
                Created = Time(facts, "created"),
            });
    });

    /// <summary>Reads a store's layout.</summary>
    /// <exception cref="JsonException">It is broken.</exception>
    /// <exception cref="InvalidDataException">It is too long.</exception>
    public static StoreLayout ReadLayout(string path) => Read(path, root => new StoreLayout(
        Text(root, "version") ?? throw new JsonException("it names no version"), Text(root, "movedTo"), Text(root, "movingFrom"), Text(root, "movedFrom")));

    private static T Read<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(StoreFiles.ReadWhole(path, MaxBytes));
            return read(document.RootElement);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetInt64() : null;

    private static DateTimeOffset? Time(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetDateTimeOffset() : null;
}
