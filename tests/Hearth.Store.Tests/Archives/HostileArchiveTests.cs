using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Tests.Storage;

namespace Hearth.Store.Tests.Archives;

public sealed class HostileArchiveTests
{
    private const string Name = "docker.io/ai/x:latest";
    private static readonly string s_hex = new('a', 64);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("blobs/../../outside")]
    [InlineData("blobs/sha256/..")]
    [InlineData("./../outside")]
    [InlineData("..\\outside")]
    [InlineData("C:/outside")]
    public Task Path_ThatLeadsOut_IsRefused(string name) => RefuseAsync(ArchiveTests.Layout(Name, null).Add(name, "x"), "leads out of it");

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    public Task Links_AreRefused(TarEntryType type) => RefuseAsync(ArchiveTests.Layout(Name, null).AddLink($"blobs/sha256/{s_hex}", "/etc/passwd", type), "only files");

    [Theory]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    public Task Devices_AreRefused(TarEntryType type) => RefuseAsync(ArchiveTests.Layout(Name, null).AddOther("device", type), "only files");

    [Theory]
    [InlineData("oci-layout")]
    [InlineData("./oci-layout")]
    [InlineData("index.json")]
    public Task DuplicateNames_AreRefused(string name) => RefuseAsync(ArchiveTests.Layout(Name, null).Add(name, """{"imageLayoutVersion":"1.0.0"}"""), "twice");

    [Fact]
    public Task DuplicateContents_AreRefused()
    {
        TarBuilder tar = ArchiveTests.Layout(Name, null);
        ArchiveTests.Keep(tar, "weights");
        return RefuseAsync(tar, "twice");
    }

    [Fact]
    public Task ManyFiles_AreRefused()
    {
        TarBuilder tar = new();
        for (int index = 0; index <= 50_000; index++)
        {
            tar.Add($"f{index}", []);
        }

        return RefuseAsync(tar, "more than 50000 files");
    }

    [Theory]
    [InlineData("index.json", 4 * 1024 * 1024 + 1)]
    [InlineData("manifest.json", 4 * 1024 * 1024 + 1)]
    [InlineData("oci-layout", 5000)]
    public Task LargeIndexes_AreRefused(string name, int bytes) => RefuseAsync(new TarBuilder().Add(name, new byte[bytes]), "are not read");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"manifests":null}""")]
    [InlineData("""{"manifests":[]}""")]
    [InlineData("""{"manifests":[null]}""")]
    [InlineData("""{"manifests":[{}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:../../x","size":1}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":-1}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":1e99}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":99999999999}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":5}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":5,"annotations":{"a":5}}]}""")]
    public Task BrokenIndexes_AreRefused(string json) => RefuseAsync(new TarBuilder().Add("index.json", json));

    [Fact]
    public Task ManyModels_AreRefused() => RefuseAsync(
        new TarBuilder().Add("index.json", $$"""{"manifests":[{{string.Join(",", Enumerable.Repeat($$"""{"digest":"sha256:{{s_hex}}","size":5}""", 1001))}}]}"""), "more than 1000");

    [Theory]
    [InlineData("""{"imageLayoutVersion":"2.0.0"}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    public Task OtherLayouts_AreRefused(string json) => RefuseAsync(new TarBuilder().Add("oci-layout", json));

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"Config":"x.json","RepoTags":["a:b"],"Layers":[]}]""")]
    [InlineData("{}")]
    [InlineData("5")]
    [InlineData("""{"schemaVersion":2,"config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json","digest":"x","size":1},"layers":[]}""")]
    public Task BrokenDockerManifests_AreRefused(string json) => RefuseAsync(new TarBuilder().Add("manifest.json", json));

    [Fact]
    public async Task NoArchive_IsRefused()
    {
        await RefuseAsync([]);
        await RefuseAsync(Encoding.UTF8.GetBytes("this is no tar archive"));
        await RefuseAsync(new byte[10240], "no model");
        await RefuseAsync([0x1f, 0x8b, .. new byte[2000]]);
        await RefuseAsync(Enumerable.Repeat((byte)0xff, 5000).ToArray());
    }

    [Fact]
    public Task WrongDigest_IsRefused() => RefuseAsync(new TarBuilder().Add($"blobs/sha256/{s_hex}", "something else"), "is broken");

    [Fact]
    public async Task ContainerImage_IsRefused()
    {
        TarBuilder tar = new();
        JsonObject root = new()
        {
            ["schemaVersion"] = 2,
            ["config"] = Describe("application/vnd.oci.image.config.v1+json", ArchiveTests.Keep(tar, "{}"), 2),
            ["layers"] = new JsonArray(Describe("application/vnd.oci.image.layer.v1.tar", ArchiveTests.Keep(tar, "layer"), 5)),
        };
        Digest digest = ArchiveTests.Keep(tar, root.ToJsonString());
        await RefuseAsync(tar.Add("index.json", ArchiveTests.Index(digest.ToString(), root.ToJsonString().Length, [])));
    }

    [Fact]
    public Task MissingContent_IsRefused()
    {
        TarBuilder tar = new();
        Manifest manifest = TestStore.BuildManifest(text => Digest.Of(Encoding.UTF8.GetBytes(text)), "missing");
        ArchiveTests.Keep(tar, """{"config":{"format":"gguf","architecture":"llama","parameters":"1M","quantization":"F16","size":"1KiB"}}""");
        return RefuseAsync(tar.Add("manifest.json", manifest.Bytes.ToArray()), "ends without the content");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SizesThatLie_AreRefused(bool reversed)
    {
        TarBuilder tar = new();
        JsonObject root = JsonNode.Parse(TestStore.BuildManifest(text => ArchiveTests.Keep(tar, text), "weights").Bytes.Span)!.AsObject();
        root["layers"]![0]!["size"] = 1_000_000;
        tar.Add("manifest.json", root.ToJsonString());
        await RefuseAsync(reversed ? tar.Reverse() : tar, "1000000");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IndexThatLies_IsRefused(bool reversed)
    {
        TarBuilder tar = new();
        Manifest manifest = TestStore.BuildManifest(text => ArchiveTests.Keep(tar, text), "weights");
        tar.Add($"blobs/sha256/{manifest.Digest.Hex}", manifest.Bytes.ToArray()).Add("index.json", ArchiveTests.Index(manifest.Digest.ToString(), manifest.Bytes.Length + 1, []));
        await RefuseAsync(reversed ? tar.Reverse() : tar);
    }

    [Fact]
    public async Task NameWithAnotherDigest_IsRefused() => await RefuseAsync(ArchiveTests.Layout($"docker.io/ai/x@sha256:{s_hex}", null), "calls");

    [Fact]
    public async Task ContentBeyondTheDrive_IsRefusedBeforeItIsRead()
    {
        byte[] archive = new TarBuilder().Add($"blobs/sha256/{s_hex}", "x").ToBytes();
        int header = archive.Length - 512 - 512 - 1024;
        SetSize(archive.AsSpan(header, 512), 0x7fff_ffff_ffff_0000);
        await RefuseAsync(archive, "are free");
    }

    [Theory]
    [InlineData(TarEntryType.ExtendedAttributes)]
    [InlineData(TarEntryType.LongPath)]
    [InlineData(TarEntryType.GlobalExtendedAttributes)]
    public async Task HugeHeader_IsRefusedBeforeItIsRead(TarEntryType type)
    {
        byte[] archive = new TarBuilder().Add("name", "x").ToBytes();
        archive[156] = (byte)type;
        SetSize(archive.AsSpan(0, 512), 1_500_000_000);
        await RefuseAsync([.. archive, .. new byte[5_000_000]], "a header");
    }

    [Fact]
    public async Task ContentBeyondWhatTheManifestSays_IsRefusedBeforeItIsRead()
    {
        TarBuilder tar = new();
        Manifest manifest = TestStore.BuildManifest(text => Digest.Of(Encoding.UTF8.GetBytes(text)), "weights");
        tar.Add("manifest.json", manifest.Bytes.ToArray());
        tar.Add($"blobs/sha256/{manifest.Layers[0].Digest.Hex}", new byte[100_000]);
        await RefuseAsync(tar, "100000 bytes, but 7");
    }

    [Fact]
    public async Task CutArchive_IsRefusedWhereverItIsCut()
    {
        using TestStore test = new();
        test.Add("x", "weights", new string('w', 2000));
        test.Add("y", "weights");
        byte[] archive = await ArchiveTests.SaveAsync(test.Store, [.. test.Store.List()]);
        int end = archive.Length;
        while (archive[end - 1] == 0)
        {
            end--;
        }

        byte[] other = ArchiveTests.Layout(Name, null).ToBytes();
        for (int length = 0; length < end; length += length % 512 < 3 ? 1 : 127)
        {
            await RefuseAsync(archive[..length]);
        }

        for (int length = 0; length < other.Length - 2048; length += 311)
        {
            await RefuseAsync(other[..length]);
        }
    }

    private static async Task RefuseAsync(TarBuilder tar, string? because = null) => await RefuseAsync(tar.ToBytes(), because);

    private static async Task RefuseAsync(byte[] archive, string? because = null)
    {
        using TestStore test = new();
        test.Add("kept", "kept");
        string[] before = Directory.GetFiles(test.Root, "*", SearchOption.AllDirectories);
        PackageException exception = await Assert.ThrowsAsync<PackageException>(() => test.Store.LoadAsync(new UnseekableStream(archive), cancellationToken: Cancellation));
        Assert.Contains(because ?? string.Empty, exception.Message, StringComparison.Ordinal);
        Assert.Equal(before.Order(), Directory.GetFiles(test.Root, "*", SearchOption.AllDirectories).Order());
    }

    private static JsonObject Describe(string type, Digest digest, int size) => new() { ["mediaType"] = type, ["digest"] = digest.ToString(), ["size"] = size };

    // As GNU's tar writes sizes that eight octal digits are too few for.
    private static void SetSize(Span<byte> header, long size)
    {
        header.Slice(124, 12).Clear();
        header[124] = 0x80;
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(header.Slice(128, 8), size);
        SetChecksum(header);
    }

    internal static void SetChecksum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in header)
        {
            sum += value;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }
}
