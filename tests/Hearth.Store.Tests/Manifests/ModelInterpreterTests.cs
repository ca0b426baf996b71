using Hearth.Store.Manifests;

namespace Hearth.Store.Tests.Manifests;

public sealed class ModelInterpreterTests
{
    private const string DockerConfigJson = """
        {"config":{"format":"gguf","quantization":"Q4_K_M","parameters":"361.82M","architecture":"llama","size":"256.35MiB","gguf":{"llama.context_length":"8192","general.name":"SmolLM2"},"context_size":4096},"descriptor":{"created":"2025-03-19T10:13:11.123456789+01:00"},"rootfs":{"type":"rootfs","diff_ids":[]}}
        """;

    private const string OllamaConfigJson = """
        {"model_format":"gguf","model_family":"llama","model_families":["llama"],"model_type":"1.2B","file_type":"Q8_0","architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}
        """;

    [Fact]
    public void DockerConfig_GivesItsFacts()
    {
        ModelFacts facts = new ManifestText { Config = DockerConfigJson }.Add(MediaTypes.Gguf, "weights").ReadFacts();

        Assert.Equal(
            new ModelFacts
            {
                Package = PackageFormat.Docker,
                Format = "gguf",
                Architecture = "llama",
                Parameters = "361.82M",
                Quantization = "Q4_K_M",
                Size = "256.35MiB",
                ContextSize = 4096,
                TrainedContext = 8192,
                Created = new DateTimeOffset(2025, 3, 19, 10, 13, 11, TimeSpan.FromHours(1)).AddTicks(1234567),
            },
            facts);
    }

    [Fact]
    public void ModelPackConfig_GivesItsFacts()
    {
        ModelFacts facts = new ManifestText
        {
            ConfigType = MediaTypes.CncfConfig,
            Config = """{"descriptor":{"createdAt":"2025-01-02T03:04:05Z","family":"qwen2"},"modelfs":{"type":"layers","diffIds":[]},"config":{"format":"GGUF","paramSize":"0.5b","quantization":"Q4_0"}}""",
        }.Add(MediaTypes.CncfWeight, "weights", "a.gguf").ReadFacts();

        Assert.Equal(
            new ModelFacts
            {
                Package = PackageFormat.Cncf,
                Format = "gguf",
                Architecture = "qwen2",
                Parameters = "0.5b",
                Quantization = "Q4_0",
                Created = new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.Zero),
            },
            facts);
    }

    [Fact]
    public void OllamaConfig_GivesItsFacts()
    {
        ModelFacts facts = new ManifestText { ConfigType = MediaTypes.OllamaConfig, Config = OllamaConfigJson }.Add(MediaTypes.OllamaLayer + "model", "weights").ReadFacts();

        Assert.Equal(new ModelFacts { Package = PackageFormat.Ollama, Format = "gguf", Architecture = "llama", Parameters = "1.2B", Quantization = "Q8_0" }, facts);
    }

    [Theory]
    [InlineData("""{"config":{"format":7,"parameters":["a"],"context_size":"many","size":{}},"descriptor":3}""")]
    [InlineData("""{"config":"text","descriptor":{"created":"yesterday"}}""")]
    [InlineData("""{"config":{"context_size":-1,"gguf":{"llama.context_length":"-5"},"architecture":"llama"},"descriptor":{"created":"0001-01-01T00:00:00Z"}}""")]
    [InlineData("{}")]
    public void ValuesOfOtherTypes_AreNotKnown(string config)
    {
        ModelFacts facts = new ManifestText { Config = config }.Add(MediaTypes.Gguf, "weights").ReadFacts();

        Assert.Equal(new ModelFacts { Package = PackageFormat.Docker, Format = "gguf", Architecture = facts.Architecture }, facts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"config":""")]
    [InlineData("""{"config":{"format":"\ud800"}}""")]
    public void BrokenConfig_IsRefused(string config) =>
        Assert.Throws<ManifestException>(() => new ManifestText { Config = config }.Add(MediaTypes.Gguf, "weights").ReadFacts());

    [Fact]
    public void HugeConfig_IsRefusedUnread()
    {
        ManifestText text = new ManifestText().Add(MediaTypes.Gguf, "weights");

        Assert.Throws<ManifestException>(() => ModelInterpreter.ReadFacts(text.Read(), new byte[(8 * 1024 * 1024) + 1]));
    }

    [Fact]
    public void TextsOfConfigs_AreShownOnOneLine()
    {
        ModelFacts facts = new ManifestText { Config = $$$"""{"config":{"architecture":"a\u001b[2Jb","parameters":"{{{new string('9', 5000)}}}"}}""" }.Add(MediaTypes.Gguf, "weights").ReadFacts();

        Assert.Equal("a\uFFFD[2Jb", facts.Architecture);
        Assert.Equal(256, facts.Parameters!.Length);
    }

    [Theory]
    [InlineData("application/vnd.oci.image.config.v1+json", "a container image")]
    [InlineData("application/vnd.docker.container.image.v1+json", "a container image")]
    [InlineData("application/vnd.cncf.helm.config.v1+json", "a Helm chart")]
    [InlineData("application/vnd.docker.ai.model.config.v0.9+json", "later version")]
    [InlineData("application/x-anything", "application/x-anything")]
    public void AnythingButAModel_IsRefusedByName(string configType, string said)
    {
        ManifestText text = new ManifestText { ConfigType = configType }.Add("application/vnd.oci.image.layer.v1.tar+gzip", "layer");

        ManifestException exception = Assert.Throws<ManifestException>(() => ModelInterpreter.Check(text.Read()));

        Assert.True(exception.IsUnsupported);
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyConfig_IsNamedByItsArtifactType()
    {
        ManifestText text = new ManifestText { ConfigType = "application/vnd.oci.empty.v1+json", ArtifactType = "application/vnd.example" }.Add("a/b", "layer");

        Assert.Contains("application/vnd.example", Assert.Throws<ManifestException>(() => ModelInterpreter.Check(text.Read())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../model.gguf")]
    [InlineData("a/../../model.gguf")]
    [InlineData("a/..")]
    [InlineData(".. /x")]
    [InlineData("/etc/passwd")]
    [InlineData("C:/windows/model.gguf")]
    [InlineData("c:model.gguf")]
    [InlineData("a\\b.gguf")]
    [InlineData("\\\\host\\share\\a.gguf")]
    [InlineData("a\nb.gguf")]
    [InlineData("a\0b.gguf")]
    public void PathOutOfTheFolder_IsRefused(string path)
    {
        ManifestText text = new ManifestText().Add(MediaTypes.Gguf, "weights", path);

        ManifestException exception = Assert.Throws<ManifestException>(() => ModelInterpreter.Check(text.Read()));

        Assert.False(exception.IsUnsupported);
        Assert.DoesNotContain(exception.Message, char.IsControl);
    }

    [Theory]
    [InlineData("model.gguf")]
    [InlineData("text_encoder/model..v2.gguf")]
    [InlineData("./a/...b.gguf")]
    public void PathInTheFolder_IsAccepted(string path) => ModelInterpreter.Check(new ManifestText().Add(MediaTypes.Gguf, "weights", path).Read());

    [Theory]
    [InlineData("application/vnd.cncf.model.weight.v1.tar")]
    [InlineData("application/vnd.cncf.model.weight.v1.tar+gzip")]
    [InlineData("application/vnd.cncf.model.weight.v1.tar+zstd")]
    [InlineData("application/vnd.cncf.model.weight.config.v1.tar")]
    public void ArchiveLayer_IsRefusedByName(string mediaType)
    {
        ManifestText text = new ManifestText { ConfigType = MediaTypes.CncfConfig }.Add(MediaTypes.CncfWeight, "weights", "a.gguf").Add(mediaType, "tar");

        ManifestException exception = Assert.Throws<ManifestException>(() => ModelInterpreter.Check(text.Read()));

        Assert.True(exception.IsUnsupported);
        Assert.Contains(mediaType, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ArchivesOfTextsAndCode_AreLeftAlone()
    {
        ManifestText text = new ManifestText { ConfigType = MediaTypes.CncfConfig }.Add(MediaTypes.CncfWeight, "weights", "a.gguf")
            .Add("application/vnd.cncf.model.doc.v1.tar", "doc").Add("application/vnd.cncf.model.code.v1.tar+gzip", "code");

        ModelInterpreter.Check(text.Read());

        Assert.Equal(["weights"], text.Open().Weights);
    }

    [Fact]
    public void ModelWithoutWeights_IsRefused()
    {
        ManifestText cloud = new ManifestText { ConfigType = MediaTypes.OllamaConfig, Config = """{"remote_host":"https://ollama.com:443","remote_model":"x"}""" }.Add(MediaTypes.OllamaLayer + "license", "MIT");

        Assert.Contains("cloud", Assert.Throws<ManifestException>(() => ModelInterpreter.Check(cloud.Read())).Message, StringComparison.Ordinal);
        Assert.Throws<ManifestException>(() => ModelInterpreter.Check(new ManifestText().Add(MediaTypes.License, "MIT").Read()));
    }

    [Fact]
    public void DockerModel_OpensWithAllThatIsBesideItsWeights()
    {
        ManifestText text = new ManifestText { Config = DockerConfigJson }.Add(MediaTypes.Gguf, "/weights").Add(MediaTypes.License, "MIT").Add(MediaTypes.License, "Apache")
            .Add(MediaTypes.Projector, "/projector").Add(MediaTypes.Lora, "/adapter").Add(MediaTypes.ChatTemplate, "{{ messages }}").Add(MediaTypes.File, "ignored", "config.json");

        ModelInterpreter.Check(text.Read());
        ModelContent content = text.Open();

        Assert.Equal(["/weights"], content.Weights);
        Assert.Equal("/projector", content.Projector);
        Assert.Equal(["/adapter"], content.Adapters);
        Assert.Equal(new PackagedTemplate(TemplateLanguage.Jinja, "{{ messages }}"), content.Template);
        Assert.Equal(["MIT", "Apache"], content.Licenses);
        Assert.Equal(4096, content.Facts.ContextSize);
        Assert.Null(content.System);
        Assert.Null(content.Parameters);
        Assert.Empty(content.Messages);
    }

    [Fact]
    public void ProjectorOfTheSpecification_IsOneToo() =>
        Assert.Equal("/projector", new ManifestText().Add(MediaTypes.Gguf, "/weights").Add(MediaTypes.SpecifiedProjector, "/projector").Open().Projector);

    [Fact]
    public void FilesOfDockersSecondVersion_AreToldApartByTheirNames()
    {
        ModelContent content = new ManifestText { ConfigType = MediaTypes.DockerFilesConfig }
            .Add(MediaTypes.Gguf, "/projector", "mmproj-model-f16.gguf").Add(MediaTypes.Gguf, "/weights", "sub/model.gguf").Add(MediaTypes.ChatTemplate, "{}", "chat_template.json").Open();

        Assert.Equal(["/weights"], content.Weights);
        Assert.Equal("/projector", content.Projector);
        Assert.Null(content.Template);
    }

    [Fact]
    public void ModelPack_OpensByItsPaths()
    {
        ModelContent content = new ManifestText { ConfigType = MediaTypes.CncfConfig, Config = """{"config":{"format":"gguf"}}""" }
            .Add(MediaTypes.CncfDocument, "readme", "README.md").Add(MediaTypes.CncfDocument, "MIT", "LICENSE.txt").Add(MediaTypes.CncfWeightConfig, "{% if x %}", "chat_template.jinja")
            .Add(MediaTypes.CncfWeightConfig, "{}", "tokenizer.json").Add(MediaTypes.CncfWeight, "/projector", "mmproj.gguf").Add(MediaTypes.CncfGguf, "/weights").Open();

        Assert.Equal(["/weights"], content.Weights);
        Assert.Equal("/projector", content.Projector);
        Assert.Equal("{% if x %}", content.Template?.Text);
        Assert.Equal(["MIT"], content.Licenses);
    }

    [Fact]
    public void ModelPackWithoutPaths_IsOfItsConfigsFormat()
    {
        Assert.Equal(["/w"], new ManifestText { ConfigType = MediaTypes.CncfConfig, Config = """{"config":{"format":"gguf"}}""" }.Add(MediaTypes.CncfWeight, "/w").Open().Weights);
        Assert.Throws<ManifestException>(() => new ManifestText { ConfigType = MediaTypes.CncfConfig, Config = """{"config":{"format":"onnx"}}""" }.Add(MediaTypes.CncfWeight, "/w").Open());
    }

    [Fact]
    public void OllamaModel_OpensWithAllThatIsBesideItsWeights()
    {
        const string Kind = MediaTypes.OllamaLayer;
        ManifestText text = new ManifestText { ConfigType = MediaTypes.OllamaConfig, Config = OllamaConfigJson }.Add(Kind + "model", "/weights").Add(Kind + "projector", "/projector").Add(Kind + "adapter", "/adapter")
            .Add(Kind + "template", "{{ .Prompt }}").Add(Kind + "system", "Be kind.").Add(Kind + "params", """{"num_ctx":2048,"stop":["a","b"],"temperature":0.5,"use_mmap":true}""" + "\n")
            .Add(Kind + "messages", """[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]""").Add(Kind + "license", "MIT").Add(Kind + "license", "MIT").Add(Kind + "embed", "old");

        ModelInterpreter.Check(text.Read());
        ModelContent content = text.Open();

        Assert.Equal(["/weights"], content.Weights);
        Assert.Equal("/projector", content.Projector);
        Assert.Equal(["/adapter"], content.Adapters);
        Assert.Equal(new PackagedTemplate(TemplateLanguage.Go, "{{ .Prompt }}"), content.Template);
        Assert.Equal("Be kind.", content.System);
        Assert.Equal("""{"num_ctx":2048,"stop":["a","b"],"temperature":0.5,"use_mmap":true}""", content.Parameters!.ToJsonString());
        Assert.Equal([new("user", "Hi"), new("assistant", "Hello")], content.Messages);
        Assert.Equal(["MIT", "MIT"], content.Licenses);
        Assert.Equal(2048, content.Facts.ContextSize);
    }

    [Fact]
    public void LegacyPrompt_IsTheTemplate() =>
        Assert.Equal("{{ .Prompt }}", Ollama().Add(MediaTypes.OllamaLayer + "prompt", "{{ .Prompt }}").Open().Template?.Text);

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"a":1e999}""")]
    [InlineData("""{"a":"\udc00"}""")]
    public void BrokenParameters_AreRefused(string json) => Assert.Throws<ManifestException>(() => Ollama().Add(MediaTypes.OllamaLayer + "params", json).Open());

    [Fact]
    public void TheLastOfTwoParameters_Wins() =>
        Assert.Equal("""{"seed":2}""", Ollama().Add(MediaTypes.OllamaLayer + "params", """{"seed":1,"seed":2}""").Open().Parameters!.ToJsonString());

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""[{"content":"x"}]""")]
    [InlineData("""[{"role":1}]""")]
    public void BrokenMessages_AreRefused(string json) => Assert.Throws<ManifestException>(() => Ollama().Add(MediaTypes.OllamaLayer + "messages", json).Open());

    [Fact]
    public void TextThatIsTooLong_IsRefused() =>
        Assert.Throws<ManifestException>(() => new ManifestText().Add(MediaTypes.Gguf, "w").Add(MediaTypes.ChatTemplate, new string('x', 1024 * 1024 + 1)).Open());

    [Theory]
    [InlineData(MediaTypes.Projector)]
    [InlineData(MediaTypes.ChatTemplate)]
    public void TwoOfWhatThereCanBeOneOf_AreRefused(string mediaType) =>
        Assert.Throws<ManifestException>(() => new ManifestText().Add(MediaTypes.Gguf, "w").Add(mediaType, "1").Add(mediaType, "2").Open());

    [Theory]
    [InlineData(MediaTypes.Safetensors, "safetensors")]
    [InlineData(MediaTypes.Dduf, "dduf")]
    public void OtherWeights_AreListedButNotOpened(string mediaType, string format)
    {
        ManifestText text = new ManifestText { ConfigType = MediaTypes.DockerFilesConfig }.Add(mediaType, "w", $"model.{format}");

        ModelInterpreter.Check(text.Read());
        Assert.Equal(format, text.ReadFacts().Format);
        ManifestException exception = Assert.Throws<ManifestException>(() => text.Open());
        Assert.True(exception.IsUnsupported);
        Assert.Contains("hearth convert", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PartsWithoutNames_StayInTheirOrder() =>
        Assert.Equal(["b", "a", "c"], new ManifestText().Add(MediaTypes.Gguf, "b").Add(MediaTypes.Gguf, "a").Add(MediaTypes.Gguf, "c").Open().Weights);

    [Fact]
    public void PartsWithNames_AreInTheirNamesOrder() =>
        Assert.Equal(["3", "1", "2"], Parts("m-00002-of-00003.gguf", "m-00003-of-00003.gguf", "m-00001-of-00003.gguf").Open().Weights);

    [Theory]
    [InlineData("m-00001-of-00003.gguf", "m-00002-of-00003.gguf")]
    [InlineData("m-00001-of-00002.gguf", "m-00001-of-00002.gguf")]
    [InlineData("m-00001-of-00002.gguf", "n-00002-of-00002.gguf")]
    [InlineData("m-00001-of-00002.gguf", "m-00002-of-00003.gguf")]
    [InlineData("m-00000-of-00002.gguf", "m-00001-of-00002.gguf")]
    [InlineData("m-00001-of-00002.gguf", "other.gguf")]
    [InlineData("m-q4.gguf", "m-q8.gguf")]
    [InlineData("m-00002-of-00003.gguf")]
    public void PartsThatAreNotOfOneModel_AreRefused(params string[] names) => Assert.Throws<ManifestException>(() => Parts(names).Open());

    [Theory]
    [InlineData("{{ .Prompt }}", TemplateLanguage.Go)]
    [InlineData("{{- range .Messages }}{{ .Content }}{{ end }}", TemplateLanguage.Go)]
    [InlineData("{{ if eq .Role \"user\" }}{{ json .Tools }}{{- end }}", TemplateLanguage.Go)]
    [InlineData("{{ $last := 1 }}{{ (len .Messages) }}{{/* comment */}}", TemplateLanguage.Go)]
    [InlineData("no action", TemplateLanguage.Go)]
    [InlineData("{% for m in messages %}{{ m.content }}{% endfor %}", TemplateLanguage.Jinja)]
    [InlineData("{# comment #}text", TemplateLanguage.Jinja)]
    [InlineData("{{ bos_token }}{{ messages[0]['content'] }}", TemplateLanguage.Jinja)]
    public void Templates_AreToldApart(string template, TemplateLanguage language) =>
        Assert.Equal(language, Ollama().Add(MediaTypes.OllamaLayer + "template", template).Open().Template?.Language);

    private static ManifestText Ollama() => new ManifestText { ConfigType = MediaTypes.OllamaConfig, Config = OllamaConfigJson }.Add(MediaTypes.OllamaLayer + "model", "/weights");

    private static ManifestText Parts(params string[] names)
    {
        ManifestText text = new();
        for (int index = 0; index < names.Length; index++)
        {
            text.Add(MediaTypes.Gguf, $"{index + 1}", names[index]);
        }

        return text;
    }
}
