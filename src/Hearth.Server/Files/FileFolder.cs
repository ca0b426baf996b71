using System.Text.RegularExpressions;
using Hearth.Store.Storage;

namespace Hearth.Server.Files;

/// <summary>The files that clients sent and that batches made: a record and the content of each. A file is there when its record is.</summary>
/// <param name="path">The folder, which need not be there.</param>
/// <param name="time">The clock.</param>
internal sealed partial class FileFolder(string path, TimeProvider time)
{
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    /// <summary>A name for a file that is being written.</summary>
    public string NewTemporary()
    {
        RecordFile.CreateFolder(path);
        return Path.Combine(path, $"{Guid.NewGuid():N}.tmp");
    }

    /// <summary>The ID of a new file.</summary>
    public static string NewId() => $"file-{Guid.NewGuid():N}";

    /// <summary>Takes a file in; it is there as a whole, or not at all.</summary>
    /// <param name="source">Its content, which is moved; where a file of this ID is there already, it need not be.</param>
    /// <param name="record">What is known of it; its length and times are set here.</param>
    /// <param name="lifetime">How long it stays; null for ever.</param>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public FileRecord Add(string source, FileRecord record, TimeSpan? lifetime)
    {
        RecordFile.CreateFolder(path);
        string content = ContentOf(record.Id);
        RecordFile.Guard(content, () =>
        {
            if (File.Exists(source))
            {
                File.Move(source, content, overwrite: true);
            }
        });
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        record = record with { Bytes = new FileInfo(content).Length, CreatedAt = now, ExpiresAt = lifetime is TimeSpan span ? now + (long)span.TotalSeconds : null };
        RecordFile.Write(RecordOf(record.Id), record, FileJson.Default.FileRecord);
        return record;
    }

    /// <summary>A file that its owner may see; null where there is none.</summary>
    public FileRecord? Find(string id, string? owner) =>
        Id().IsMatch(id) && RecordFile.TryRead(RecordOf(id), FileJson.Default.FileRecord) is { } record && record.Owner == owner && !RemoveIfExpired(record)
            ? record
            : null;

    /// <summary>Whether there is a file, whoever may see it.</summary>
    public bool Has(string id) => Id().IsMatch(id) && File.Exists(RecordOf(id));

    /// <summary>The files of an owner, the newest first.</summary>
    public IReadOnlyList<FileRecord> List(string? owner) =>
    [
        .. RecordFile.ReadAll(path, FileJson.Default.FileRecord).Where(record => record.Owner == owner && !RemoveIfExpired(record))
            .OrderByDescending(record => record.CreatedAt).ThenByDescending(record => record.Id, StringComparer.Ordinal),
    ];

    /// <summary>Opens a file's content.</summary>
    /// <returns>Null where somebody has removed it meanwhile.</returns>
    public FileStream? TryOpen(string id)
    {
        try
        {
            const FileOptions Options = FileOptions.Asynchronous | FileOptions.SequentialScan;
            return new FileStream(ContentOf(id), new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, Options = Options });
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes a file.</summary>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public void Remove(string id) => RecordFile.Guard(RecordOf(id), () =>
    {
        File.Delete(RecordOf(id));
        File.Delete(ContentOf(id));
    });

    /// <summary>Removes what has expired, and what was never finished.</summary>
    public void Sweep()
    {
        foreach (FileRecord record in RecordFile.ReadAll(path, FileJson.Default.FileRecord))
        {
            RemoveIfExpired(record);
        }

        DateTime before = time.GetUtcNow().UtcDateTime - s_abandoned;
        IEnumerable<string> files = Directory.Exists(path) ? Directory.EnumerateFiles(path) : [];
        foreach (string file in files.Where(file => IsAbandoned(file) && File.GetLastWriteTimeUtc(file) < before))
        {
            TryDelete(file);
        }
    }

    private bool IsAbandoned(string file) => file.EndsWith(".tmp", StringComparison.Ordinal)
        || (file.EndsWith(".data", StringComparison.Ordinal) && !File.Exists(RecordOf(Path.GetFileNameWithoutExtension(file))));

    private bool RemoveIfExpired(FileRecord record)
    {
        if (record.ExpiresAt is not long end || end > time.GetUtcNow().ToUnixTimeSeconds())
        {
            return false;
        }

        TryDelete(RecordOf(record.Id));
        TryDelete(ContentOf(record.Id));
        return true;
    }

    /// <summary>Removes what may stay where that fails.</summary>
    public static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next sweep tries again.
        }
    }

    private string RecordOf(string id) => Path.Combine(path, $"{id}.json");

    private string ContentOf(string id) => Path.Combine(path, $"{id}.data");

    [GeneratedRegex(@"^file-[0-9a-f]{32}\z")]
    private static partial Regex Id();
}
