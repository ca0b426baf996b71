using System.Text.Json;
using System.Text.Json.Serialization;
using Hearth.Store.Storage;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Transfer;

/// <summary>What a journal says.</summary>
/// <param name="Size">Bytes of the whole content.</param>
/// <param name="Ranges">Start and end of each range that is there, one after the other.</param>
internal sealed record JournalRecord(long Size, IReadOnlyList<long> Ranges);

/// <summary>
/// The small file beside a broken-off download that says which bytes of it are there. It is written after the bytes are, and replaced as a
/// whole, so that it never says too much when the program is killed; after a power cut it may, which the digest then shows.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="files">How files are changed.</param>
internal sealed class TransferJournal(string path, StoreFiles files)
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads it; what is broken or of another content counts as nothing.</summary>
    /// <param name="size">Bytes of the whole content.</param>
    /// <param name="written">Bytes that the download has at most.</param>
    public ByteRanges Read(long size, long written)
    {
        ByteRanges ranges = new();
        JournalRecord? record = TryRead();
        if (record?.Ranges is not { } list || record.Size != size || list.Count % 2 != 0)
        {
            return ranges;
        }

        for (int i = 0; i < list.Count; i += 2)
        {
            // They are written in order; out of order, to put each in its place would take long.
            if (i > 0 && list[i] <= list[i - 1])
            {
                return new ByteRanges();
            }

            ranges.Add(Math.Clamp(list[i], 0, size), Math.Min(list[i + 1], Math.Min(written, size)));
        }

        return ranges;
    }

    /// <summary>Writes it.</summary>
    public void Write(long size, ByteRanges ranges)
    {
        JournalRecord record = new(size, [.. ranges.Ranges.SelectMany(range => new[] { range.Start, range.End })]);
        string temporary = path + ".tmp";
        using (SafeFileHandle file = files.Open(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            files.Write(file, JsonSerializer.SerializeToUtf8Bytes(record, TransferJson.Default.JournalRecord), 0);
        }

        files.Rename(temporary, path);
    }

    /// <summary>Removes it, where that is possible; alone it says nothing.</summary>
    public void TryDelete() => files.TryDelete(path);

    private JournalRecord? TryRead()
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxBytes } ? JsonSerializer.Deserialize(File.ReadAllBytes(path), TransferJson.Default.JournalRecord) : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>The JSON of transfers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JournalRecord))]
internal sealed partial class TransferJson : JsonSerializerContext;
