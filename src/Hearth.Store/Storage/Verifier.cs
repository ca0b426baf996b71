using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Storage;

/// <summary>Compares what is stored with its digests.</summary>
internal sealed class Verifier(Catalog catalog, BlobStore blobs)
{
    private const int Readers = 2;
    private const int BufferBytes = 1 << 20;
    private readonly ConcurrentBag<VerificationProblem> _problems = [];
    private readonly Dictionary<Digest, (long? Size, SortedSet<string> Models)> _contents = [];
    private readonly Lock _progressLock = new();
    private long _done;
    private int _read;

    /// <summary>Verifies models, and with all of them what belongs to none.</summary>
    /// <param name="models">The models.</param>
    /// <param name="everything">Whether they are all.</param>
    /// <param name="progress">Is told bytes that are done and bytes in all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<VerificationResult> RunAsync(IReadOnlyList<StoredModel> models, bool everything, IProgress<(long Done, long Total)>? progress, CancellationToken cancellationToken)
    {
        models.ToList().ForEach(CollectContents);
        if (everything)
        {
            CollectRest();
        }

        (Digest Digest, string Path, long Length)[] present =
        [
            .. _contents.Keys.OrderBy(digest => digest.Hex, StringComparer.Ordinal).Select(Locate).OfType<(Digest, string, long)>(),
        ];
        long total = present.Sum(content => content.Length);
        await Parallel.ForEachAsync(present, new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken }, (content, token) =>
        {
            Verify(content.Digest, content.Path, content.Length, bytes => Report(bytes, total, progress), token);
            return ValueTask.CompletedTask;
        });
        return new VerificationResult(models.Count, _read, _done, [.. _problems.OrderBy(problem => problem.Digest.Hex, StringComparer.Ordinal)]);
    }

    /// <summary>Whether a file is what its name says.</summary>
    public static bool IsSound(string path, Digest digest, CancellationToken cancellationToken) => Hash(path, null, cancellationToken) == digest;

    private static Digest Hash(string path, Action<long>? progress, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            long offset = 0;
            for (int read; (read = RandomAccess.Read(file, buffer, offset)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                progress?.Invoke(read);
            }

            return Digest.FromHash(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void CollectContents(StoredModel model)
    {
        Manifest manifest;
        try
        {
            manifest = catalog.ReadManifest(model.Id);
        }
        catch (StoreException exception)
        {
            _problems.Add(new VerificationProblem(model.Id, exception.Message, [model.DisplayName]));
            return;
        }

        foreach (Descriptor blob in manifest.Blobs)
        {
            if (!_contents.TryGetValue(blob.Digest, out (long? Size, SortedSet<string> Models) content))
            {
                _contents[blob.Digest] = content = (blob.Size, []);
            }

            content.Models.Add(model.DisplayName);
        }
    }

    private void CollectRest()
    {
        List<Digest> broken = [];
        catalog.Read(broken);
        broken.ForEach(name => _problems.Add(new VerificationProblem(name, $"The file of a reference, '{name.Hex}.json', is broken; what it named is not listed.", [])));
        foreach (Digest digest in Catalog.EnumerateDigests(blobs.BlobFolder).Concat(Catalog.EnumerateDigests(blobs.LinkFolder)))
        {
            _contents.TryAdd(digest, (null, []));
        }
    }

    private (Digest, string, long)? Locate(Digest digest)
    {
        (long? size, SortedSet<string> models) = _contents[digest];
        string path;
        try
        {
            path = blobs.Locate(digest);
        }
        catch (StoreException exception)
        {
            _problems.Add(new VerificationProblem(digest, exception.Message, [.. models]));
            return null;
        }

        long length = new FileInfo(path).Length;
        if (size is long expected && expected != length)
        {
            _problems.Add(new VerificationProblem(digest, $"It has {length} bytes instead of {expected}.", [.. models]));
            return null;
        }

        return (digest, path, length);
    }

    private void Verify(Digest digest, string path, long length, Action<long> progress, CancellationToken cancellationToken)
    {
        string? problem = null;
        try
        {
            Digest actual = Hash(path, progress, cancellationToken);
            Interlocked.Increment(ref _read);
            problem = actual == digest ? null : $"Its {length} bytes are of {actual}.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = $"It cannot be read: {exception.Message}";
        }

        if (problem is not null)
        {
            _problems.Add(new VerificationProblem(digest, problem, [.. _contents[digest].Models]));
        }
    }

    private void Report(long bytes, long total, IProgress<(long Done, long Total)>? progress)
    {
        lock (_progressLock)
        {
            _done += bytes;
            progress?.Report((_done, total));
        }
    }
}
