using System.Text;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;

namespace Hearth.Store.Tests.Packaging;

public sealed class PackageBuilderTests
{
    private static readonly DateTimeOffset s_created = new(2025, 3, 19, 10, 13, 11, TimeSpan.Zero);
    private static readonly PackagedFile s_weights = FileOf("weights", "smollm2.gguf");

    private static readonly GgufFacts s_facts = new()
    {
        Paths = ["/models/smollm2.gguf"],
        Architecture = "llama",
        Parameters = 361_821_120,
        FileType = "Q4_K_M",
        Bytes = 268_803_000,
        Metadata = new Dictionary<string, string> { ["llama.context_length"] = "8192", ["general.name"] = "SmolLM2 <360M>", ["general.architecture"] = "llama" },
    };

    [Fact]
    public void DockersFormat_HasTheMembersThatItsProgramWrites()
    {
        BuiltPackage package = PackageBuilder.BuildDocker(new PackageContents { Weights = [s_weights], Facts = s_facts, Created = s_created, ContextSize = 4096, Licenses = [FileOf("MIT", "LICENSE")] });

        Assert.Equal(
            """
            {"config":{"format":"gguf","quantization":"Q4_K_M","parameters":"361.82M","architecture":"llama","size":"256.35MiB","gguf":{"general.architecture":"llama","general.name":"SmolLM2 \u003c360M\u003e","llama.context_length":"8192"},"context_size":4096},"descriptor":{"created":"2025-03-19T10:13:11Z"},"rootfs":{"type":"rootfs","diff_ids":["sha256:WEIGHTS","sha256:MIT"]}}
            """.Replace("WEIGHTS", Digest.Of("weights"u8).Hex, StringComparison.Ordinal).Replace("MIT", Digest.Of("MIT"u8).Hex, StringComparison.Ordinal),
            Encoding.UTF8.GetString(package.Config));
        Assert.Equal(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json","size":SIZE,"digest":"sha256:CONFIG"},"layers":[{"mediaType":"application/vnd.docker.ai.gguf.v3","size":7,"digest":"sha256:WEIGHTS","annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"smollm2.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":7,\"mtime\":\"2025-03-19T10:13:11Z\",\"typeflag\":0}","org.cncf.model.filepath":"smollm2.gguf"}},{"mediaType":"application/vnd.docker.ai.license","size":3,"digest":"sha256:MIT","annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"LICENSE\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":3,\"mtime\":\"2025-03-19T10:13:11Z\",\"typeflag\":0}","org.cncf.model.filepath":"LICENSE"}}]}
            """.Replace("SIZE", $"{package.Config.Length}", StringComparison.Ordinal).Replace("CONFIG", Digest.Of(package.Config).Hex, StringComparison.Ordinal)
                .Replace("WEIGHTS", Digest.Of("weights"u8).Hex, StringComparison.Ordinal).Replace("MIT", Digest.Of("MIT"u8).Hex, StringComparison.Ordinal),
            Encoding.UTF8.GetString(package.Manifest.Bytes.Span));
    }

    [Fact]
    public void ModelPack_HasTheMembersThatItsSpecificationNames()
    {
        BuiltPackage package = PackageBuilder.BuildCncf(new PackageContents { Weights = [s_weights], Facts = s_facts, Created = s_created });

        Assert.Equal(
            """
            {"descriptor":{"createdAt":"2025-03-19T10:13:11Z","family":"llama"},"modelfs":{"type":"layers","diffIds":["sha256:WEIGHTS"]},"config":{"architecture":"llama","format":"gguf","paramSize":"361.82M","quantization":"Q4_K_M"}}
            """.Replace("WEIGHTS", Digest.Of("weights"u8).Hex, StringComparison.Ordinal),
            Encoding.UTF8.GetString(package.Config));
        Assert.Equal(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.model.config.v1+json","size":SIZE,"digest":"sha256:CONFIG"},"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.raw","size":7,"digest":"sha256:WEIGHTS","annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"smollm2.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":7,\"mtime\":\"2025-03-19T10:13:11Z\",\"typeflag\":0}","org.cncf.model.filepath":"smollm2.gguf"}}]}
            """.Replace("SIZE", $"{package.Config.Length}", StringComparison.Ordinal).Replace("CONFIG", Digest.Of(package.Config).Hex, StringComparison.Ordinal)
                .Replace("WEIGHTS", Digest.Of("weights"u8).Hex, StringComparison.Ordinal),
            Encoding.UTF8.GetString(package.Manifest.Bytes.Span));
    }

    [Theory]
    [InlineData(PackageFormat.Docker)]
    [InlineData(PackageFormat.Cncf)]
    public void WhatIsBuilt_OpensAsWhatItWasMadeOf(PackageFormat format)
    {
        PackageContents contents = new()
        {
            Weights = [FileOf("one", "m-00001-of-00002.gguf"), FileOf("two", "m-00002-of-00002.gguf")],
            Facts = s_facts,
            Created = s_created,
            Projector = FileOf("projector", "vision.gguf"),
            ChatTemplate = FileOf("{{ messages }}", "template.txt"),
            Licenses = [FileOf("MIT", "mit.txt"), FileOf("Apache", "COPYING")],
        };

        BuiltPackage package = format == PackageFormat.Docker ? PackageBuilder.BuildDocker(contents) : PackageBuilder.BuildCncf(contents);
        ModelFacts facts = ModelInterpreter.ReadFacts(package.Manifest, package.Config);
        ModelContent content = ModelInterpreter.Open(package.Manifest, facts, digest => s_texts[digest], (digest, _) => Encoding.UTF8.GetBytes(s_texts[digest]));

        Assert.Equal(["one", "two"], content.Weights);
        Assert.Equal("projector", content.Projector);
        Assert.Equal(new PackagedTemplate(TemplateLanguage.Jinja, "{{ messages }}"), content.Template);
        Assert.Equal(["MIT", "Apache"], content.Licenses);
        Assert.Equal((format, "llama", "361.82M", "Q4_K_M", s_created), (facts.Package, facts.Architecture, facts.Parameters, facts.Quantization, facts.Created));
    }

    [Fact]
    public void ModelPack_HasNoPlaceForContextAndAdapters()
    {
        PackageContents contents = new() { Weights = [s_weights], Facts = s_facts, Created = s_created };

        Assert.Contains("--context-size", Assert.Throws<PackageException>(() => PackageBuilder.BuildCncf(contents with { ContextSize = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("--lora", Assert.Throws<PackageException>(() => PackageBuilder.BuildCncf(contents with { Adapters = [s_weights] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PathOutOfTheFolder_IsRefused() =>
        Assert.Throws<ManifestException>(() => PackageBuilder.BuildDocker(new PackageContents { Weights = [s_weights with { Path = "../a.gguf" }], Facts = s_facts, Created = s_created }));

    private static readonly Dictionary<Digest, string> s_texts =
        new[] { "one", "two", "projector", "{{ messages }}", "MIT", "Apache" }.ToDictionary(text => Digest.Of(Encoding.UTF8.GetBytes(text)));

    private static PackagedFile FileOf(string text, string path) => new(Digest.Of(Encoding.UTF8.GetBytes(text)), Encoding.UTF8.GetByteCount(text), path);
}
