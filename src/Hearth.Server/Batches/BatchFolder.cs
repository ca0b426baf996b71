using System.Text.RegularExpressions;
using Hearth.Server.Files;

namespace Hearth.Server.Batches;

/// <summary>What is kept of batches: a record of each, and what has been answered so far.</summary>
/// <param name="path">The folder, which need not be there.</param>
/// <param name="time">The clock.</param>
internal sealed partial class BatchFolder(string path, TimeProvider time)
{
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_remembered = TimeSpan.FromDays(30);

    /// <summary>The ID of a new batch.</summary>
    public static string NewId() => $"batch_{Guid.NewGuid():N}";

    /// <summary>Keeps a record.</summary>
    /// <exception cref="Store.Storage.StoreException">The file system refuses.</exception>
    public void Save(BatchRecord record)
    {
        RecordFile.CreateFolder(path);
        RecordFile.Write(PathOf(record.Id, "json"), record, BatchJson.Default.BatchRecord);
    }

    /// <summary>A batch; null where there is none of the ID.</summary>
    public BatchRecord? Find(string id) => Id().IsMatch(id) ? RecordFile.TryRead(PathOf(id, "json"), BatchJson.Default.BatchRecord) : null;

    /// <summary>All batches.</summary>
    public IEnumerable<BatchRecord> List() => RecordFile.ReadAll(path, BatchJson.Default.BatchRecord);

    /// <summary>Where answers are until the batch is done.</summary>
    public string OutputOf(string id) => PathOf(id, "output");

    /// <summary>Where failures are until the batch is done.</summary>
    public string ErrorsOf(string id) => PathOf(id, "errors");

    /// <summary>Keeps others from working at a batch.</summary>
    /// <returns>Null where another process works at it.</returns>
    public FileStream? TryLock(string id)
    {
        try
        {
            return new FileStream(PathOf(id, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.None);
        }
        catch (IOException) when (File.Exists(PathOf(id, "lock")))
        {
            return null;
        }
    }

    /// <summary>Says to whoever works at a batch, or will, that it is to end.</summary>
    /// <exception cref="Store.Storage.StoreException">The file system refuses.</exception>
    public void MarkCancelled(string id) => RecordFile.Guard(PathOf(id, "cancel"), () => File.Create(PathOf(id, "cancel")).Dispose());

    /// <summary>Whether a batch is to end; since when, in seconds since 1970.</summary>
    public long? CancelledAt(string id) =>
        new FileInfo(PathOf(id, "cancel")) is { Exists: true } mark ? new DateTimeOffset(mark.LastWriteTimeUtc).ToUnixTimeSeconds() : null;

    /// <summary>Removes what only a running batch needs.</summary>
    public void Forget(string id)
    {
        FileFolder.TryDelete(PathOf(id, "cancel"));
        FileFolder.TryDelete(PathOf(id, "lock"));
    }

    /// <summary>Removes what was never finished, and batches that ended long ago and whose results nobody has kept.</summary>
    /// <param name="hasFile">Whether there is a file of an ID.</param>
    public void Sweep(Func<string, bool> hasFile)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (string file in Directory.Exists(path) ? Directory.GetFiles(path, "*.tmp") : [])
        {
            if (File.GetLastWriteTimeUtc(file) < now.UtcDateTime - s_abandoned)
            {
                FileFolder.TryDelete(file);
            }
        }

        long before = (now - s_remembered).ToUnixTimeSeconds();
        foreach (BatchRecord record in List().Where(record => record.EndedAt < before && !record.ResultFileIds.Any(hasFile)))
        {
            FileFolder.TryDelete(PathOf(record.Id, "json"));
        }
    }

    private string PathOf(string id, string kind) => Path.Combine(path, $"{id}.{kind}");

    [GeneratedRegex(@"^batch_[0-9a-f]{32}\z")]
    private static partial Regex Id();
}
