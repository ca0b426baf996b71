using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Hearth.Server.Settings;
using Hearth.Store.Storage;

namespace Hearth.Server.Files;

/// <summary>Small JSON files that only this user may read, each replaced as a whole.</summary>
internal static class RecordFile
{
    /// <summary>Reads one; null where there is none that can be read.</summary>
    public static T? TryRead<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return new OwnedFile(path).Read() is byte[] bytes ? JsonSerializer.Deserialize(bytes, type) : null;
        }
        catch (Exception exception) when (exception is JsonException or SettingsFileException)
        {
            return null;
        }
    }

    /// <summary>Reads all of a folder.</summary>
    public static IEnumerable<T> ReadAll<T>(string folder, JsonTypeInfo<T> type)
        where T : class => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Select(path => TryRead(path, type)).OfType<T>() : [];

    /// <summary>Writes one.</summary>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type) =>
        Guard(path, () => new OwnedFile(path).Replace(stream => JsonSerializer.Serialize(stream, value, type)));

    /// <summary>Changes files, and fails in the store's words.</summary>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public static void Guard(string path, Action change)
    {
        try
        {
            change();
        }
        catch (Exception exception) when (StoreException.For(exception, path) is StoreException error)
        {
            throw error;
        }
    }

    /// <summary>Makes a folder that only this user may look into.</summary>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public static void CreateFolder(string path) => Guard(path, () => OwnedFile.CreateFolder(path));

    /// <summary>Opens a file for writing that only this user may read.</summary>
    public static FileStream OpenToWrite(string path, FileMode mode) => new(path, OwnedFile.ForUser(new FileStreamOptions
    {
        Mode = mode,
        Access = FileAccess.ReadWrite,
        Share = FileShare.Read | FileShare.Delete,
        BufferSize = 0,
        Options = FileOptions.Asynchronous,
    }));
}
