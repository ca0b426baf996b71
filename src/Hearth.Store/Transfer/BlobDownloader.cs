using System.Buffers;
using System.Security.Cryptography;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Hearth.Store.Storage;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Transfer;

/// <summary>
/// Downloads contents into a store: what was broken off goes on, what is there is hashed while the rest comes, and only what is as its digest
/// says gets its place.
/// </summary>
/// <param name="blobs">Where contents go.</param>
/// <param name="files">How files are changed.</param>
internal sealed class BlobDownloader(BlobStore blobs, StoreFiles files)
{
    private const int BufferBytes = 256 * 1024;
    private const long FlushBytes = 64 << 20;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private static readonly TimeSpan s_lockRetry = TimeSpan.FromMilliseconds(100);

    /// <summary>Downloads a content that is not there yet.</summary>
    /// <param name="digest">The content.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="source">Where it is.</param>
    /// <param name="report">Is told of bytes, retries and waits; from any thread, one call at a time.</param>
    /// <param name="cancellationToken">Leaves it; what has come stays for the next time.</param>
    /// <returns>Bytes that came over the network; 0 when another process has fetched it meanwhile.</returns>
    /// <exception cref="RegistryException">The registry cannot be used, or sends something else.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public Task<long> DownloadAsync(Digest digest, long size, BlobSource source, Action<BlobProgress> report, CancellationToken cancellationToken) =>
        SharedTransfers.RunAsync(PathOf(digest), (shared, token) => RunAsync(digest, size, source, shared, token), report, cancellationToken);

    /// <summary>Bytes of a content that an earlier download has left.</summary>
    public long Measure(Digest digest, long size) =>
        new FileInfo(PathOf(digest)) is { Exists: true, Length: long written } ? JournalOf(digest).Read(size, written).Total : 0;

    private string PathOf(Digest digest) => Path.Combine(blobs.PartialFolder, digest.Hex);

    private TransferJournal JournalOf(Digest digest) => new(PathOf(digest) + ".journal", files);

    private async Task<long> RunAsync(Digest digest, long size, BlobSource source, Action<BlobProgress> report, CancellationToken cancellationToken)
    {
        try
        {
            return await StoreAsync(digest, size, source, report, cancellationToken);
        }
        catch (Exception exception) when (StoreErrors.Translate(exception, PathOf(digest), files) is StoreException error)
        {
            throw error;
        }
    }

    private async Task<long> StoreAsync(Digest digest, long size, BlobSource source, Action<BlobProgress> report, CancellationToken cancellationToken)
    {
        files.CreateFolder(blobs.PartialFolder);
        using SafeFileHandle? file = await LockAsync(digest, report, cancellationToken);
        if (file is null)
        {
            return 0;
        }

        TransferJournal journal = JournalOf(digest);
        if (blobs.Contains(digest))
        {
            Remove(digest, journal);
            return 0;
        }

        using PartialBlob partial = new(file, journal, files, size);
        long received = 0;
        for (bool isResumed = partial.Done > 0; ; isResumed = false)
        {
            BlobFetch fetch = new(source, partial, size, report);
            Digest found;
            try
            {
                found = await FetchAndHashAsync(fetch, partial, size, cancellationToken);
            }
            catch
            {
                TrySave(partial);
                throw;
            }

            received += fetch.Received;
            if (found == digest)
            {
                break;
            }

            if (!isResumed)
            {
                Remove(digest, journal);
                throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(source.Address)} sends {found}; expected {digest}. It was not stored.");
            }

            partial.Restart();
            report(new BlobProgress(TransferStage.Retrying, 0, $"What there was of {digest.Abbreviated} is broken; it is fetched from the start."));
        }

        report(new BlobProgress(TransferStage.Finishing, size));
        partial.Flush();
        blobs.Commit(PathOf(digest), digest);
        journal.TryDelete();
        return received;
    }

    private static async Task<Digest> FetchAndHashAsync(BlobFetch fetch, PartialBlob partial, long size, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<Digest> hash = Task.Run(() => HashAsync(partial, size, stop.Token), stop.Token);
        try
        {
            await fetch.RunAsync(cancellationToken);
            return await hash;
        }
        catch
        {
            await stop.CancelAsync();
            await ((Task)hash).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static async Task<Digest> HashAsync(PartialBlob partial, long size, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        Task flush = Task.CompletedTask;
        try
        {
            long flushed = 0;
            for (long position = 0; position < size;)
            {
                int read = await partial.ReadAsync(buffer, position, cancellationToken);
                hash.AppendData(buffer, 0, read);
                position += read;

                // The drive works meanwhile, instead of having everything to do at the end.
                if (position - flushed >= FlushBytes && flush.IsCompleted)
                {
                    await flush;
                    flushed = position;
                    flush = Task.Run(partial.Flush, CancellationToken.None);
                }
            }

            return Digest.FromHash(hash.GetHashAndReset());
        }
        finally
        {
            await flush.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The partial file, locked against other processes; null when one of them has fetched the content meanwhile.</summary>
    private async Task<SafeFileHandle?> LockAsync(Digest digest, Action<BlobProgress> report, CancellationToken cancellationToken)
    {
        // Both mean that nobody else may have it open; on Windows it can be renamed nevertheless.
        FileShare share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;
        for (bool isFirst = true; !blobs.Contains(digest); isFirst = false)
        {
            try
            {
                return files.Open(PathOf(digest), FileMode.OpenOrCreate, FileAccess.ReadWrite, share);
            }
            catch (IOException exception) when (exception.HResult is WindowsSharingViolation or LinuxWouldBlock or MacWouldBlock)
            {
                if (isFirst)
                {
                    report(new BlobProgress(TransferStage.Preparing, 0, $"Another program is fetching {digest.Abbreviated}; waiting for it."));
                }

                await Task.Delay(s_lockRetry, cancellationToken);
            }
        }

        return null;
    }

    // The journal that there is says less, and is right.
    private static void TrySave(PartialBlob partial)
    {
        try
        {
            partial.Save();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private void Remove(Digest digest, TransferJournal journal)
    {
        journal.TryDelete();
        files.TryDelete(PathOf(digest));
    }
}
