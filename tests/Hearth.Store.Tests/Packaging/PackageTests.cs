using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Packaging;

public sealed class PackageTests : IDisposable
{
    private static readonly byte[] s_model = TestGguf.Build("file_type", "Q4_K_M", "parameters", "361821120");
    private readonly PackagingStore _packaging = new();

    public void Dispose() => _packaging.Dispose();

    [Theory]
    [InlineData(PackageFormat.Docker)]
    [InlineData(PackageFormat.Cncf)]
    public async Task Package_OpensAsItsFiles(PackageFormat format)
    {
        StoredModel model = await _packaging.PackageAsync(new PackageRequest
        {
            Format = format,
            Gguf = _packaging.Write("model.gguf", s_model),
            Projector = _packaging.Write("vision.gguf", TestGguf.Build("general.architecture", "clip")),
            ChatTemplate = _packaging.Write("template.txt", "{% for m in messages %}{{ m.content }}{% endfor %}"),
            Licenses = [_packaging.Write("a/LICENSE", "MIT"), _packaging.Write("b/LICENSE", "Apache")],
        });

        ModelContent content = _packaging.Store.Open(_packaging.Store.Get("team/model:v1"));
        Assert.Equal(s_model, File.ReadAllBytes(Assert.Single(content.Weights)));
        Assert.Equal(TestGguf.Build("general.architecture", "clip"), File.ReadAllBytes(content.Projector!));
        Assert.Equal(new PackagedTemplate(TemplateLanguage.Jinja, "{% for m in messages %}{{ m.content }}{% endfor %}"), content.Template);
        Assert.Equal(["MIT", "Apache"], content.Licenses);
        Assert.Equal((format, "test", "361.82M", "Q4_K_M", PackagingStore.Written), (model.Facts.Package, model.Facts.Architecture, model.Facts.Parameters, model.Facts.Quantization, model.Facts.Created));
        Manifest manifest = _packaging.Store.GetManifest(model);
        Assert.Equal(Digest.Of(s_model), manifest.Layers[0].Digest);
        Assert.Equal(manifest.Layers.Count, manifest.Layers.DistinctBy(layer => layer.Annotations[MediaTypes.FilePath]).Count());
    }

    [Fact]
    public async Task DockersPackage_HoldsContextAndAdapters()
    {
        StoredModel model = await _packaging.PackageAsync(new PackageRequest
        {
            Gguf = _packaging.Write("model.gguf", s_model),
            Adapters = [_packaging.Write("lora.gguf", TestGguf.Build("general.type", "adapter"))],
            ContextSize = 4096,
        });

        Assert.Equal(4096, model.Facts.ContextSize);
        Assert.Equal(TestGguf.Build("general.type", "adapter"), File.ReadAllBytes(Assert.Single(_packaging.Store.Open(model).Adapters)));
        Assert.EndsWith(
            $$$"""
            "context_size":4096},"descriptor":{"created":"2025-03-19T10:13:11Z"},"rootfs":{"type":"rootfs","diff_ids":["{{{Digest.Of(s_model)}}}","{{{Digest.Of(TestGguf.Build("general.type", "adapter"))}}}"]}}
            """,
            _packaging.ConfigOf(model),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelPack_HasNoPlaceForContextAndAdapters()
    {
        PackageRequest request = new() { Format = PackageFormat.Cncf, Gguf = _packaging.Write("model.gguf", s_model) };

        Assert.Contains("--context-size", (await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { ContextSize = 1 }))).Message, StringComparison.Ordinal);
        Assert.Contains("--lora", (await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { Adapters = ["x"] }))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { Format = PackageFormat.Ollama }));
    }

    [Fact]
    public async Task SameFiles_GiveTheSameModelAnywhere()
    {
        PackageRequest request = new() { Gguf = _packaging.Write("model.gguf", s_model), Licenses = [_packaging.Write("LICENSE", "MIT")] };
        StoredModel first = await _packaging.PackageAsync(request);
        StoredModel again = await _packaging.PackageAsync(request, "other/name", _packaging.Open("elsewhere"));

        File.SetLastWriteTimeUtc(request.Gguf, PackagingStore.Written.UtcDateTime.AddHours(1));
        StoredModel later = await _packaging.PackageAsync(request);
        StoredModel dated = await _packaging.PackageAsync(request with { Created = PackagingStore.Written });
        File.SetLastWriteTimeUtc(request.Gguf, PackagingStore.Written.UtcDateTime.AddHours(2));
        StoredModel datedAgain = await _packaging.PackageAsync(request with { Created = PackagingStore.Written });

        Assert.Equal(first.Id, again.Id);
        Assert.NotEqual(first.Id, later.Id);
        Assert.Equal(PackagingStore.Written.AddHours(1), later.Facts.Created);
        Assert.Equal(dated.Id, datedAgain.Id);
        Assert.Equal(PackagingStore.Written, dated.Facts.Created);
    }

    [Fact]
    public async Task SplitWeights_ArePackagedFromTheirFirstPart()
    {
        string first = _packaging.Write("m-00001-of-00002.gguf", s_model);
        _packaging.Write("m-00002-of-00002.gguf", TestGguf.Build("part", "two"));

        StoredModel model = await _packaging.PackageAsync(new PackageRequest { Gguf = first });

        Assert.Equal([s_model, TestGguf.Build("part", "two")], _packaging.Store.Open(model).Weights.Select(File.ReadAllBytes));
        Assert.Equal(["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"], _packaging.Store.GetManifest(model).Layers.Select(layer => layer.Annotations[MediaTypes.FilePath]));
    }

    [Fact]
    public async Task MissingPart_IsAnError()
    {
        string first = _packaging.Write("m-00001-of-00002.gguf", s_model);

        await Assert.ThrowsAnyAsync<Exception>(() => _packaging.PackageAsync(new PackageRequest { Gguf = first }));
        Assert.Empty(_packaging.Files());
    }

    [Fact]
    public async Task LinkedFile_StaysWhereItIs()
    {
        string path = _packaging.Write("model.gguf", s_model);

        StoredModel model = await _packaging.PackageAsync(new PackageRequest { Gguf = path, Licenses = [_packaging.Write("LICENSE", "MIT")], Link = true });

        Assert.Equal([path], _packaging.Store.Open(model).Weights);
        Assert.Equal(["MIT"], _packaging.Store.Open(model).Licenses);
        Assert.DoesNotContain(_packaging.Files(), file => file.EndsWith(Path.Combine("blobs", "sha256", Digest.Of(s_model).Hex), StringComparison.Ordinal));
    }

    [Fact]
    public async Task FileThatIsMissingEmptyOrAFolder_IsRefused()
    {
        string model = _packaging.Write("model.gguf", s_model);
        string empty = _packaging.Write("empty", string.Empty);
        string absent = Path.Combine(_packaging.Folder, "absent");
        foreach (string wrong in new[] { absent, empty, _packaging.Folder, string.Empty, "a\0b" })
        {
            PackageRequest request = new() { Gguf = model };
            await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { Gguf = wrong }));
            await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { Projector = wrong }));
            await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { Adapters = [wrong] }));
            await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { ChatTemplate = wrong }));
            await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { Licenses = [wrong] }));
        }

        Assert.Empty(_packaging.Files());
    }

    [Fact]
    public async Task FileOfAnotherKind_IsRefused()
    {
        string model = _packaging.Write("model.gguf", s_model);
        string projector = _packaging.Write("projector.gguf", TestGguf.Build("general.type", "mmproj"));
        string adapter = _packaging.Write("adapter.gguf", TestGguf.Build("general.type", "adapter"));
        PackageRequest request = new() { Gguf = model };
        foreach (PackageRequest wrong in new[]
        {
            request with { Gguf = projector },
            request with { Gguf = adapter },
            request with { Projector = model },
            request with { Projector = adapter },
            request with { Adapters = [model] },
            request with { Adapters = [projector] },
        })
        {
            await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(wrong));
        }

        await Assert.ThrowsAsync<InvalidDataException>(() => _packaging.PackageAsync(request with { Gguf = _packaging.Write("text.gguf", "no GGUF file") }));
        Assert.Empty(_packaging.Files());
    }

    [Fact]
    public async Task GoTemplate_IsRefused()
    {
        PackageRequest request = new() { Gguf = _packaging.Write("model.gguf", s_model), ChatTemplate = _packaging.Write("template", "{{ .Prompt }}") };

        await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1L << 31)]
    public async Task ImpossibleContext_IsRefused(long contextSize)
    {
        PackageRequest request = new() { Gguf = _packaging.Write("model.gguf", s_model) };

        await Assert.ThrowsAsync<PackageException>(() => _packaging.PackageAsync(request with { ContextSize = contextSize }));
        StoredModel model = await _packaging.PackageAsync(request);
        Assert.Throws<PackageException>(() => _packaging.Store.Repackage(model, ModelReference.Parse("team/other"), contextSize));
    }

    [Fact]
    public async Task Repackage_ChangesTheContextAndNothingElse()
    {
        StoredModel model = await _packaging.PackageAsync(new PackageRequest { Gguf = _packaging.Write("model.gguf", s_model), Licenses = [_packaging.Write("LICENSE", "MIT")] });

        StoredModel other = _packaging.Store.Repackage(model, ModelReference.Parse("team/model:8k"), 8192);
        StoredModel third = _packaging.Store.Repackage(other, ModelReference.Parse("team/model:16k"), 16384);

        Assert.Equal(3, new HashSet<Digest> { model.Id, other.Id, third.Id }.Count);
        Assert.Equal((null, 8192L, 16384L), (model.Facts.ContextSize, other.Facts.ContextSize, third.Facts.ContextSize));
        Assert.Equal(model.Facts, other.Facts with { ContextSize = null });
        Assert.Equal(JsonOf(_packaging.Store.GetManifest(model))["layers"]!.ToJsonString(), JsonOf(_packaging.Store.GetManifest(third))["layers"]!.ToJsonString());
        Assert.Equal(_packaging.ConfigOf(model).Replace("},\"descriptor\"", ",\"context_size\":16384},\"descriptor\"", StringComparison.Ordinal), _packaging.ConfigOf(third));
    }

    [Fact]
    public async Task Repackage_NeedsDockersFormat()
    {
        string gguf = _packaging.Write("model.gguf", s_model);
        StoredModel pack = await _packaging.PackageAsync(new PackageRequest { Gguf = gguf, Format = PackageFormat.Cncf });
        StoredModel created = await _packaging.CreateAsync("FROM model.gguf");

        Assert.Throws<PackageException>(() => _packaging.Store.Repackage(pack, ModelReference.Parse("team/x"), 8192));
        Assert.Throws<PackageException>(() => _packaging.Store.Repackage(created, ModelReference.Parse("team/x"), 8192));
    }

    [Fact]
    public async Task Cancellation_LeavesNoModel()
    {
        using CancellationTokenSource cancellation = new();
        cancellation.Cancel();
        PackageRequest request = new() { Gguf = _packaging.Write("model.gguf", s_model) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _packaging.Store.PackageAsync(request, ModelReference.Parse("team/x"), cancellationToken: cancellation.Token));
        Assert.Empty(_packaging.Store.List());
    }

    private static JsonNode JsonOf(Manifest manifest) => JsonNode.Parse(Encoding.UTF8.GetString(manifest.Bytes.Span))!;
}
