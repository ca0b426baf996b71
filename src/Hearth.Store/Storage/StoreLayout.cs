using System.Text.Json;

namespace Hearth.Store.Storage;

/// <summary>The file that says how a store's folder is laid out.</summary>
/// <param name="Version">The version of the layout.</param>
/// <param name="MovedTo">Where everything has been moved to.</param>
/// <param name="MovingFrom">Where everything is until it has been copied here.</param>
/// <param name="MovedFrom">Where everything, which is here, still is as well.</param>
internal sealed record StoreLayout(string Version, string? MovedTo = null, string? MovingFrom = null, string? MovedFrom = null)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "layout.json";

    private const int CurrentVersion = 1;

    /// <summary>The layout of a store that is used where it is.</summary>
    public static StoreLayout Current { get; } = new(CurrentVersion.ToString());

    /// <summary>Reads the layout of a folder; null where there is none yet.</summary>
    /// <exception cref="StoreException">It is of something else than a store of Hearth.</exception>
    public static StoreLayout? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return RecordReader.ReadLayout(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"'{path}' cannot be read ({exception.Message}); it must be the one of a folder that Hearth has made.", exception);
        }
    }

    /// <summary>Fails unless the folder's store can be used, or there is none yet.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="StoreException">It cannot.</exception>
    public static bool Check(string folder) => Read(folder) switch
    {
        null => false,
        { Version: var version } when !int.TryParse(version, out int number) || number < 1 => throw new StoreException(
            StoreErrorKind.Unusable, $"'{folder}' is no folder of Hearth's models: its {FileName} says version '{version}'."),
        { Version: var version } when int.Parse(version) > CurrentVersion => throw new StoreException(
            StoreErrorKind.Unusable, $"'{folder}' has been written by a newer Hearth (layout {version}, this one knows {CurrentVersion}); use that one."),
        { MovedTo: string target } => throw new StoreException(
            StoreErrorKind.Unusable, $"The models of '{folder}' have been moved to '{target}'; use that folder, and start programs again that use this one."),
        { MovingFrom: string source } => throw new StoreException(
            StoreErrorKind.Unusable, $"Moving models to '{folder}' was broken off; they still are in '{source}'. Move them again, or remove the folder."),
        _ => true,
    };

    /// <summary>Writes the layout of a folder.</summary>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public void Write(string folder, StoreFiles files) =>
        files.WriteWhole(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, StorageJson.Default.StoreLayout));
}
