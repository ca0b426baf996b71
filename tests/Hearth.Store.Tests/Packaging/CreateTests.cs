using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Packaging;

/// <summary>The digests are those of Ollama's tests (server/routes_create_test.go and template/phi-3.gotmpl; Copyright (c) Ollama, MIT licence).</summary>
public sealed class CreateTests : IDisposable
{
    private const string ModelHex = "89a2116c3a82d6a97f59f748d86ed4417214353fd178ee54df418fde32495fad";
    private const string ConfigHex = "99759ad5b91e723db0393d698ffbb448b1b7df5ff6377a108c49254583b1bc8c";
    private const string ParametersHex = "1d0ad71299d48c2fb7ae2b98e683643e771f8a5b72be34942af90d97a91c1e37";
    private const string FirstModelfile = "FROM model.gguf\nPARAMETER temperature 1\nPARAMETER top_k 10\nPARAMETER stop USER:\nPARAMETER stop ASSISTANT:";
    private readonly PackagingStore _packaging = new();

    public CreateTests() => _packaging.Write("model.gguf", TestGguf.Build());

    public void Dispose() => _packaging.Dispose();

    [Fact]
    public async Task File_BecomesAModelOfOllama()
    {
        StoredModel model = await _packaging.CreateAsync("FROM ./model.gguf");

        Assert.Equal("""{"model_format":"gguf","model_family":"test","model_families":["test"],"model_type":"0","file_type":"unknown","architecture":"amd64","os":"linux"}""" + "\n", _packaging.ConfigOf(model));
        Assert.Equal(
            $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"sha256:{{ConfigHex}}","size":147},"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{{ModelHex}}","size":68}]}

            """.ReplaceLineEndings("\n"),
            Encoding.UTF8.GetString(_packaging.Store.GetManifest(model).Bytes.Span));
        Assert.Equal(new ModelFacts { Package = PackageFormat.Ollama, Format = "gguf", Architecture = "test", Parameters = "0", Quantization = "unknown" }, model.Facts);
        Assert.Equal(["parsing GGUF", $"using existing layer sha256:{ModelHex}", "writing manifest"], _packaging.Said);
    }

    [Theory]
    [InlineData("TEMPLATE {{ .Prompt }}", "template", "b507b9c2f6ca642bffcd06665ea7c91f235fd32daeefdf875a0f938db05fb315")]
    [InlineData("TEMPLATE {{ .System }} {{ .Prompt }}", "template", "fe7ac77b725cda2ccad03f88a880ecdfd7a33192d6cae08fce2c0ee1455991ed")]
    [InlineData("TEMPLATE \"\"\"{{- range .Messages }}<|{{ .Role }}|>\n{{ .Content }}<|end|>\n{{ end }}<|assistant|>\n\"\"\"", "template", "35360843d0c84fb1506952a131bbef13cd2bb4a541251f22535170c05b56e672")]
    [InlineData("SYSTEM Say hi!", "system", "f29e82a8284dbdf5910b1555580ff60b04238b8da9d5e51159ada67a4d0d5851")]
    [InlineData("SYSTEM Say bye!", "system", "4c5f51faac758fecaff8db42f0b7382891a4d0c0bb885f7b86be88c814a7cc86")]
    [InlineData("LICENSE MIT", "license", "e5dcffe836b6ec8a58e492419b550e65fb8cbdc308503979e5dacb33ac7ea3b7")]
    [InlineData("LICENSE Apache-2.0", "license", "2af71558e438db0b73a20beab92dc278a94e1bbe974c00c1a33e3ab62d53a608")]
    [InlineData("PARAMETER temperature 1\nPARAMETER stop USER:\nPARAMETER top_k 10\nPARAMETER stop ASSISTANT:", "params", ParametersHex)]
    [InlineData("PARAMETER stop <|end|>\nPARAMETER stop <|system|>\nPARAMETER stop <|user|>\nPARAMETER stop <|assistant|>", "params", "0d79f567714c62c048378f2107fb332dabee0135d080c302d884317da9433cc5")]
    [InlineData("MESSAGE assistant What is my purpose?\nMESSAGE user You run tests.\nMESSAGE assistant Oh, my god.", "messages", "298baeaf6928a60cf666d88d64a1ba606feb43a2865687c39e40652e407bffc4")]
    [InlineData("MESSAGE assistant You're a test, Harry.\nMESSAGE user I-I'm a what?\nMESSAGE assistant A test. And a thumping good one at that, I'd wager.", "messages", "a60ecc9da299ec7ede453f99236e5577fd125e143689b646d9f0ddc9971bf4db")]
    public async Task Layer_HasOllamasDigest(string instructions, string kind, string hex)
    {
        StoredModel model = await _packaging.CreateAsync($"FROM model.gguf\n{instructions}");

        Assert.Equal([("model", ModelHex), (kind, hex)], _packaging.LayersOf(model));
        Assert.Equal(ConfigHex, _packaging.Store.GetManifest(model).Config.Digest.Hex);
    }

    [Fact]
    public async Task FileWithAJinjaTemplate_StaysAsItIs()
    {
        byte[] gguf = TestGguf.Build(
            "tokenizer.chat_template",
            "{{ bos_token }}{% for message in messages %}{{'<|' + message['role'] + '|>' + '\n' + message['content'] + '<|end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}");
        _packaging.Write("phi.gguf", gguf);

        StoredModel model = await _packaging.CreateAsync("FROM phi.gguf");

        Assert.Equal([("model", "3322a0c650c758b7386ff55629d27d07c07b6c3d3515e259dc3e5598c41e9f4e")], _packaging.LayersOf(model));
    }

    [Theory]
    [InlineData("PARAMETER temperature 0.6\nPARAMETER top_p 0.7", "e29a7b3c47287a2489c895d21fe413c20f859a85d20e749492f52a838e36e1ba")]
    [InlineData("PARAMETER temperature 0.6\nPARAMETER top_p 0.7\nPARAMETER stop <|endoftext|>", "12f58bb75cb3042d69a7e013ab87fb3c3c7088f50ddc62f0c77bd332f0d44d35")]
    [InlineData("", ParametersHex)]
    public async Task ParametersOfTheBase_StayWhereNoneIsGiven(string instructions, string hex)
    {
        await _packaging.CreateAsync(FirstModelfile, "team/first");

        StoredModel model = await _packaging.CreateAsync($"FROM team/first\n{instructions}");

        Assert.Equal([("model", ModelHex), ("params", hex)], _packaging.LayersOf(model));
    }

    [Fact]
    public async Task Base_IsTakenOverAndReplacedAsOllamaDoes()
    {
        await _packaging.CreateAsync("FROM model.gguf\nTEMPLATE {{ .Prompt }}\nSYSTEM Say hi!\nLICENSE MIT\nPARAMETER seed 1\nMESSAGE user one\nREQUIRES 0.14.0", "team/first");

        StoredModel same = await _packaging.CreateAsync("FROM team/first", "team/same");
        StoredModel other = await _packaging.CreateAsync("FROM team/first\nTEMPLATE {{ .System }} {{ .Prompt }}\nSYSTEM Say bye!\nLICENSE Apache-2.0\nPARAMETER seed 2\nMESSAGE user two\nREQUIRES 0.15.0", "team/other");

        Assert.Equal(["model", "template", "system", "license", "messages", "params"], _packaging.LayersOf(same).Select(layer => layer.Kind));
        ModelContent content = _packaging.Store.Open(same);
        Assert.Equal(("{{ .Prompt }}", "Say hi!", "one"), (content.Template?.Text, content.System, Assert.Single(content.Messages).Content));
        Assert.Contains("\"requires\":\"0.14.0\"", _packaging.ConfigOf(same), StringComparison.Ordinal);

        Assert.Equal(["model", "license", "template", "system", "license", "params", "messages"], _packaging.LayersOf(other).Select(layer => layer.Kind));
        content = _packaging.Store.Open(other);
        Assert.Equal(("{{ .System }} {{ .Prompt }}", "Say bye!", "two"), (content.Template?.Text, content.System, Assert.Single(content.Messages).Content));
        Assert.Equal(["MIT", "Apache-2.0"], content.Licenses);
        Assert.Equal("""{"seed":2}""", content.Parameters?.ToJsonString());
        Assert.Contains("\"file_type\":\"unknown\",\"requires\":\"0.15.0\",\"architecture\"", _packaging.ConfigOf(other), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptySystem_KeepsTheBases()
    {
        await _packaging.CreateAsync("FROM model.gguf\nSYSTEM Say hi!", "team/first");

        Assert.Equal("Say hi!", _packaging.Store.Open(await _packaging.CreateAsync("FROM team/first\nSYSTEM \"\"")).System);
        Assert.Null(_packaging.Store.Open(await _packaging.CreateAsync("FROM model.gguf\nSYSTEM \"\"")).System);
    }

    [Theory]
    [InlineData(PackageFormat.Docker)]
    [InlineData(PackageFormat.Cncf)]
    public async Task BaseOfAnotherFormat_BecomesAModelOfOllamaWithTheSameContents(PackageFormat format)
    {
        StoredModel packaged = await _packaging.PackageAsync(new PackageRequest
        {
            Format = format,
            Gguf = Path.Combine(_packaging.Folder, "model.gguf"),
            Projector = _packaging.Write("mmproj.gguf", TestGguf.Build("general.type", "mmproj")),
            ChatTemplate = _packaging.Write("t.jinja", "{% if messages %}"),
            Licenses = [_packaging.Write("LICENSE", "MIT")],
            ContextSize = format == PackageFormat.Docker ? 4096 : null,
        });

        StoredModel model = await _packaging.CreateAsync("FROM team/model:v1\nSYSTEM Say hi!\nPARAMETER seed 1");

        ModelContent content = _packaging.Store.Open(model), before = _packaging.Store.Open(packaged);
        Assert.Equal(PackageFormat.Ollama, content.Facts.Package);
        Assert.Equal(before.Weights, content.Weights);
        Assert.Equal(before.Projector, content.Projector);
        Assert.Equal(before.Template, content.Template);
        Assert.Equal(before.Licenses, content.Licenses);
        Assert.Equal(before.Facts.ContextSize, content.Facts.ContextSize);
        Assert.Equal("Say hi!", content.System);
        Assert.All(_packaging.Store.GetManifest(model).Layers, layer => Assert.StartsWith(MediaTypes.OllamaLayer, layer.MediaType, StringComparison.Ordinal));
        Assert.Equal(ConfigHex, _packaging.Store.GetManifest(model).Config.Digest.Hex);
    }

    [Fact]
    public async Task ProjectorAndAdapter_AreToldByTheirHeaders()
    {
        _packaging.Write("p.gguf", TestGguf.Build("general.architecture", "clip"));
        _packaging.Write("a.gguf", TestGguf.Build("general.type", "adapter"));

        StoredModel model = await _packaging.CreateAsync("FROM p.gguf\nFROM model.gguf\nADAPTER a.gguf", "team/first");
        StoredModel again = await _packaging.CreateAsync("FROM team/first\nFROM p.gguf\nADAPTER a.gguf");

        Assert.Equal(["model", "projector", "adapter"], _packaging.LayersOf(model).Select(layer => layer.Kind));
        Assert.Equal(["model", "adapter", "projector", "adapter"], _packaging.LayersOf(again).Select(layer => layer.Kind));
    }

    [Fact]
    public async Task Folder_StandsForTheFilesInIt()
    {
        _packaging.Write("folder/x-00001-of-00002.gguf", TestGguf.Build("part", "1"));
        _packaging.Write("folder/x-00002-of-00002.gguf", TestGguf.Build("part", "2"));
        _packaging.Write("folder/mmproj.gguf", TestGguf.Build("general.type", "mmproj"));
        _packaging.Write("folder/README.md", "text");

        StoredModel model = await _packaging.CreateAsync("FROM ./folder");

        ModelContent content = _packaging.Store.Open(model);
        Assert.Equal([TestGguf.Build("part", "1"), TestGguf.Build("part", "2")], content.Weights.Select(File.ReadAllBytes));
        Assert.NotNull(content.Projector);
        Assert.Contains(_packaging.Said, said => said.StartsWith("warning:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatCannotBeMade_IsRefusedByName()
    {
        _packaging.Write("other.gguf", TestGguf.Build("general.name", "other"));
        _packaging.Write("p.gguf", TestGguf.Build("general.type", "mmproj"));
        _packaging.Write("q.gguf", TestGguf.Build("general.type", "mmproj", "general.name", "q"));
        _packaging.Write("a.gguf", TestGguf.Build("general.type", "adapter"));
        _packaging.Write("st/model.safetensors", "x");
        _packaging.Write("none/readme", "x");
        _packaging.Write("empty.gguf", string.Empty);
        await _packaging.CreateAsync("FROM model.gguf", "team/first");
        await _packaging.CreateAsync("FROM other.gguf", "team/second");
        foreach ((string modelfile, string said) in new[]
        {
            ("FROM model.gguf\nFROM other.gguf", "other.gguf"),
            ("FROM team/first\nFROM model.gguf", "team/first"),
            ("FROM team/first\nFROM team/second", "team/second"),
            ("FROM model.gguf\nFROM p.gguf\nFROM q.gguf", "q.gguf"),
            ("FROM p.gguf", "no model"),
            ("FROM a.gguf", "adapter"),
            ("FROM model.gguf\nADAPTER model.gguf", "adapter"),
            ("FROM model.gguf\nADAPTER team/first", "ADAPTER"),
            ("FROM ./absent", "absent"),
            ("FROM absent.gguf", "absent.gguf"),
            ("FROM empty.gguf", "empty"),
            ("FROM st", "hearth convert"),
            ("FROM none", "no GGUF"),
            ("FROM model.gguf\nDRAFT other.gguf", "DRAFT"),
            ("FROM model.gguf\nRENDERER qwen3-vl", "RENDERER"),
            ("FROM model.gguf\nPARSER qwen3", "PARSER"),
            ("FROM model.gguf\nPARAMETER nonsense 1", "nonsense"),
            ("FROM model.gguf\nPARAMETER numa true", "numa"),
            ("FROM model.gguf\nPARAMETER tfs_z 1", "tfs_z"),
            ("FROM model.gguf\nPARAMETER top_k 1.5", "invalid int value '1.5' of the parameter 'top_k'"),
            ("FROM model.gguf\nPARAMETER top_p high", "invalid float value"),
            ("FROM model.gguf\nPARAMETER top_p NaN", "invalid float value"),
            ("FROM model.gguf\nPARAMETER use_mmap yes", "invalid bool value"),
            ($"FROM model.gguf\nSYSTEM {new string('x', FileIntake.MaxTextBytes + 1)}", "SYSTEM"),
        })
        {
            PackageException exception = await Assert.ThrowsAsync<PackageException>(() => _packaging.CreateAsync(modelfile));
            Assert.Contains(said, exception.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<ModelNotFoundException>(() => _packaging.CreateAsync("FROM nowhere"));
        Assert.Equal(2, _packaging.Store.List().Count);
    }

    [Fact]
    public async Task DeprecatedParameter_IsToldAndLeftOut()
    {
        StoredModel model = await _packaging.CreateAsync("FROM model.gguf\nPARAMETER mirostat 2\nPARAMETER seed 1\nPARAMETER seed 42\nPARAMETER use_mmap T");

        Assert.Equal("""{"seed":42,"use_mmap":true}""", _packaging.Store.Open(model).Parameters!.ToJsonString());
        Assert.Contains("warning: parameter mirostat is deprecated and not used", _packaging.Said);
    }

    [Fact]
    public async Task RendererOfTheBase_MayBeRepeated()
    {
        StoredModel origin = Commit("""{"model_format":"gguf","model_family":"test","renderer":"qwen3-vl","parser":"qwen3","capabilities":["vision"],"os":"linux"}""");

        StoredModel model = await _packaging.CreateAsync($"FROM {origin.Id}\nRENDERER qwen3-vl\nPARSER qwen3");

        Assert.Equal(
            """{"model_format":"gguf","model_family":"test","model_families":["test"],"model_type":"0","file_type":"unknown","renderer":"qwen3-vl","parser":"qwen3","capabilities":["vision"],"architecture":"amd64","os":"linux"}""" + "\n",
            _packaging.ConfigOf(model));
        await Assert.ThrowsAsync<PackageException>(() => _packaging.CreateAsync($"FROM {origin.Id}\nRENDERER other"));
    }

    [Fact]
    public async Task BaseWithABrokenConfig_IsRefused()
    {
        StoredModel origin = Commit("""{"model_format":"gguf","parser":1,"parser":2}""");

        await Assert.ThrowsAsync<ManifestException>(() => _packaging.CreateAsync($"FROM {origin.Id}"));
    }

    [Fact]
    public async Task PartsOfARequest_AreContentsOfTheStore()
    {
        BlobStore blobs = new(_packaging.Store.Folder, _packaging.Store.Options.Files);
        Digest model = blobs.Add(TestGguf.Build("part", "1")), second = blobs.Add(TestGguf.Build("part", "2"));

        StoredModel created = await _packaging.CreateAsync(new CreationRequest
        {
            Files = [CreationFile.FromContent("m-00002-of-00002.gguf", second), CreationFile.FromContent("m-00001-of-00002.gguf", model)],
            Parameters = new JsonObject { ["temperature"] = 0.5, ["custom"] = null },
            Template = "{{ .Prompt }}",
        });

        Assert.Equal([model.Hex, second.Hex], _packaging.LayersOf(created).Take(2).Select(layer => layer.Hex));
        Assert.Equal("""{"custom":null,"temperature":0.5}""", _packaging.Store.Open(created).Parameters!.ToJsonString());
        await Assert.ThrowsAsync<StoreException>(() => _packaging.CreateAsync(new CreationRequest { Files = [CreationFile.FromContent("m.gguf", Digest.Of("absent"u8))] }));
        await Assert.ThrowsAsync<PackageException>(() => _packaging.CreateAsync(new CreationRequest()));
        foreach (JsonNode wrong in new[] { JsonNode.Parse("1e999")!, JsonNode.Parse("\"\\ud800\"")!, JsonValue.Create(double.NaN) })
        {
            await Assert.ThrowsAsync<PackageException>(() => _packaging.CreateAsync(new CreationRequest { Base = created, Parameters = new JsonObject { ["x"] = wrong } }));
        }
    }

    private StoredModel Commit(string config)
    {
        using StoreLock adding = _packaging.Store.BeginAdding();
        BlobStore blobs = new(_packaging.Store.Folder, _packaging.Store.Options.Files);
        blobs.Add(TestGguf.Build());
        byte[] bytes = Encoding.UTF8.GetBytes(config);
        JsonObject manifest = new()
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.DockerManifest,
            ["config"] = new JsonObject { ["mediaType"] = MediaTypes.OllamaConfig, ["digest"] = blobs.Add(bytes).ToString(), ["size"] = bytes.Length },
            ["layers"] = new JsonArray(new JsonObject { ["mediaType"] = MediaTypes.OllamaLayer + "model", ["digest"] = $"sha256:{ModelHex}", ["size"] = 68 }),
        };
        return _packaging.Store.Commit(Manifest.Read(Encoding.UTF8.GetBytes(manifest.ToJsonString())), null);
    }
}
