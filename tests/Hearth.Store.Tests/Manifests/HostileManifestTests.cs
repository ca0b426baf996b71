using System.Text;
using Hearth.Store.Manifests;

namespace Hearth.Store.Tests.Manifests;

/// <summary>Whatever a registry sends is either understood or refused with the one exception that says so.</summary>
public sealed class HostileManifestTests
{
    internal const string Config = """
        {"config":{"format":"gguf","quantization":"Q4_K_M","parameters":"361.82M","architecture":"llama","size":"256.35MiB","gguf":{"llama.context_length":"8192"},"context_size":4096,"paramSize":"1b"},"descriptor":{"created":"2025-03-19T10:13:11.123456789+01:00","createdAt":"2025-01-02T03:04:05Z","family":"llama"},"modelfs":{"type":"layers","diffIds":[]},"model_format":"gguf","model_family":"llama","model_type":"1.2B","file_type":"Q8_0","context_length":4096}
        """;

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":1,"config":{},"layers":[]}""")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""")]
    [InlineData("""{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:00","size":1},"layers":[]}""")]
    [InlineData("""{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":-1},"layers":[]}""")]
    [InlineData("""{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":9223372036854775807},"layers":[{"mediaType":"a","digest":"sha256:f29e82a8284dbdf5910b1555580ff60b04238b8da9d5e51159ada67a4d0d5851","size":1}]}""")]
    public void WhatIsNoManifest_IsRefused(string json) => Assert.Throws<ManifestException>(() => Manifest.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void HugeManifest_IsRefusedUnread()
    {
        byte[] bytes = new byte[Manifest.MaxBytes + 1];

        Assert.Contains("bytes", Assert.Throws<ManifestException>(() => Manifest.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HugeConfig_IsRefusedBeforeItIsFetched()
    {
        Manifest manifest = Manifest.Read(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Sample(MediaTypes.DockerConfig).ToBytes()).Replace($"\"size\":{Encoding.UTF8.GetByteCount(Config)}", "\"size\":100000000000", StringComparison.Ordinal)));

        Assert.Equal(100_000_000_000, manifest.Config.Size);
        Assert.Throws<ManifestException>(() => ModelInterpreter.Check(manifest));
    }

    internal static ManifestText Sample(string configType)
    {
        ManifestText text = new() { ConfigType = configType, Config = Config };
        return configType switch
        {
            MediaTypes.OllamaConfig => text.Add(MediaTypes.OllamaLayer + "model", "weights").Add(MediaTypes.OllamaLayer + "template", "t").Add(MediaTypes.OllamaLayer + "params", "p")
                .Add(MediaTypes.OllamaLayer + "messages", "m").Add(MediaTypes.OllamaLayer + "system", "s").Add(MediaTypes.OllamaLayer + "license", "l"),
            MediaTypes.CncfConfig => text.Add(MediaTypes.CncfWeight, "1", "m-00001-of-00002.gguf").Add(MediaTypes.CncfWeight, "2", "m-00002-of-00002.gguf").Add(MediaTypes.CncfWeight, "p", "mmproj.gguf")
                .Add(MediaTypes.CncfWeightConfig, "t", "chat_template.jinja").Add(MediaTypes.CncfDocument, "l", "LICENSE"),
            _ => text.Add(MediaTypes.Gguf, "1", "m-00001-of-00002.gguf").Add(MediaTypes.Gguf, "2", "m-00002-of-00002.gguf").Add(MediaTypes.Projector, "p").Add(MediaTypes.ChatTemplate, "t").Add(MediaTypes.License, "l"),
        };
    }
}
