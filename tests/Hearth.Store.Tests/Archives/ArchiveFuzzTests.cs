using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.Tests.Storage;
using Hearth.Tests.Fuzzing;

namespace Hearth.Store.Tests.Archives;

/// <summary>Changed archives: each is loaded or refused, nothing is left of one that is refused, and the store is sound.</summary>
public sealed class ArchiveFuzzTests(ITestOutputHelper output) : FuzzTests(output), IDisposable
{
    private const string Name = "docker.io/ai/x:latest";
    private readonly TestStore _store = new();

    private protected override FuzzTarget Target => new("archive", Read)
    {
        Seeds = [ArchiveTests.Layout(Name, null).ToBytes(), ArchiveTests.Layout(null, "tag").Reverse().ToBytes(), Docker(), new TarBuilder().AddFolder("blobs").Add("oci-layout", """{"imageLayoutVersion":"1.0.0"}""").ToBytes()],
        Words = ["index.json", "manifest.json", "oci-layout", "blobs/sha256/", "../", "/etc/passwd", "ustar\0" + "00", "ustar  \0", "path=", "size=", "28 path=../../../../outside\n", "linkpath=", "GNU.sparse.size=99999999999", "\0", "0000644", "77777777777", "L", "K", "x", "g", "5", "2", "S", "\"manifests\":[", "\"digest\":", "null", "{}"],
        IsRefusal = FuzzTarget.Refusals(typeof(PackageException)),
        Repair = FixChecksums,
        Rounds = 500,
        AllocationBase = 8 * 1024 * 1024,
    };

    public void Dispose() => _store.Dispose();

    private string Read(byte[] bytes)
    {
        try
        {
            return $"{_store.Store.LoadAsync(new UnseekableStream(bytes), cancellationToken: TestContext.Current.CancellationToken).GetAwaiter().GetResult().Count}";
        }
        finally
        {
            Assert.Empty(_store.FilesOf("partial"));
            Assert.Equal([Path.Combine(_store.Root, "home")], Directory.GetFileSystemEntries(_store.Root));
        }
    }

    private static byte[] Docker()
    {
        TarBuilder tar = new();
        Manifest manifest = TestStore.BuildManifest(text => ArchiveTests.Keep(tar, text), "weights", "more");
        return tar.Add("manifest.json", manifest.Bytes.ToArray()).ToBytes();
    }

    private static void FixChecksums(byte[] archive)
    {
        for (int at = 0; at + 512 <= archive.Length; at += 512)
        {
            if (archive.AsSpan(at + 257, 5).SequenceEqual("ustar"u8))
            {
                HostileArchiveTests.SetChecksum(archive.AsSpan(at, 512));
            }
        }
    }
}
