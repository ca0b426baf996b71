using System.Text;
using Hearth.Store.Manifests;
using Hearth.Store.Modelfiles;
using Hearth.Store.References;

namespace Hearth.Store.Tests.Manifests;

/// <summary>Whatever a registry sends is either understood or refused with the one exception that says so.</summary>
public sealed class HostileManifestTests
{
    private const int Rounds = 2000;

    private const string Config = """
        {"config":{"format":"gguf","quantization":"Q4_K_M","parameters":"361.82M","architecture":"llama","size":"256.35MiB","gguf":{"llama.context_length":"8192"},"context_size":4096,"paramSize":"1b"},"descriptor":{"created":"2025-03-19T10:13:11.123456789+01:00","createdAt":"2025-01-02T03:04:05Z","family":"llama"},"modelfs":{"type":"layers","diffIds":[]},"model_format":"gguf","model_family":"llama","model_type":"1.2B","file_type":"Q8_0","context_length":4096}
        """;

    private static readonly string[] s_values =
    [
        "null", "true", "-1", "0", "1e999", "-1e999", "9223372036854775807", "9223372036854775808", "0.5", "\"\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"", "\"../x\"", "[]", "{}", "[[[[]]]]", "{\"a\":{}}", "{\"mediaType\":1}",
        "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"", "\"application/vnd.oci.image.index.v1+json\"", "\"application/vnd.docker.ai.gguf.v3\"", "\"application/vnd.ollama.image.model\"",
        new string('[', 100) + new string(']', 100), "\"" + new string('x', 5000) + "\"",
    ];

    [Theory]
    [InlineData(MediaTypes.DockerConfig)]
    [InlineData(MediaTypes.DockerFilesConfig)]
    [InlineData(MediaTypes.CncfConfig)]
    [InlineData(MediaTypes.OllamaConfig)]
    public void MutatedManifest_IsUnderstoodOrRefused(string configType)
    {
        Random random = new(configType.Length);
        byte[] manifest = Sample(configType).ToBytes(), config = Encoding.UTF8.GetBytes(Config);
        int understood = 0, refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] hostile = round % 4 == 0 ? manifest : Mutate(manifest, random), hostileConfig = round % 2 == 0 ? Mutate(config, random) : config;
            try
            {
                Manifest read = Manifest.Read(hostile);
                ModelInterpreter.Check(read);
                ModelFacts facts = ModelInterpreter.ReadFacts(read, hostileConfig);
                ModelContent content = ModelInterpreter.Open(read, facts, digest => digest.Hex, (digest, limit) => Text(digest, random, limit));
                Assert.NotEmpty(content.Weights);
                understood++;
            }
            catch (ManifestException exception)
            {
                Assert.InRange(exception.Message.Length, 1, 2000);
                refused++;
            }
        }

        Assert.True(understood > Rounds / 100 && refused > Rounds / 100, $"{understood} were understood and {refused} refused.");
    }

    [Fact]
    public void MutatedModelfile_IsReadOrRefused()
    {
        byte[] file = Encoding.UTF8.GetBytes("FROM \"a b\"\r\n# comment\nADAPTER ./a\nPARAMETER stop \"\"\"x\n\"\"\"\nTEMPLATE \"\"\"{{ .Prompt }}\n{% if %}\"\"\"\nSYSTEM \"hi\"\nMESSAGE user hello\nLICENSE MIT\nREQUIRES 0.1.2\n");
        Random random = new(7);
        for (int round = 0; round < Rounds; round++)
        {
            try
            {
                Modelfile read = Modelfile.Parse(Mutate(file, random));
                Assert.Equal(read.ToString(), Modelfile.Parse(Encoding.UTF8.GetBytes(read.ToString())).ToString());
            }
            catch (ModelfileException)
            {
                // It is refused.
            }
        }
    }

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

    private static ManifestText Sample(string configType)
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

    private static byte[] Text(Digest digest, Random random, int limit)
    {
        byte[] text = digest == Digest.Of("m"u8) ? [.. """[{"role":"user","content":"x"}]"""u8] : [.. """{"num_ctx":2048,"stop":["a"]}"""u8];
        text = random.Next(4) > 0 ? text : Mutate(text, random);
        return text.Length <= limit ? text : text[..limit];
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        byte[] bytes = [.. original];
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
        {
            int at = random.Next(bytes.Length), end = Math.Min(bytes.Length, at + random.Next(1, 12));
            bytes = random.Next(8) switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], .. bytes[end..]],
                2 => [.. bytes[..end], .. bytes[at..]],
                3 => Flip(bytes, at, random),
                _ => ReplaceValue(bytes, at, random),
            };
        }

        return bytes;
    }

    private static byte[] Flip(byte[] bytes, int at, Random random)
    {
        bytes[at] = (byte)random.Next(256);
        return bytes;
    }

    // Puts another value in place of the one after the next colon, so that most of what comes out is still JSON.
    private static byte[] ReplaceValue(byte[] bytes, int at, Random random)
    {
        int start = Array.IndexOf(bytes, (byte)':', at) + 1;
        if (start == 0 || start >= bytes.Length)
        {
            return bytes;
        }

        int end = bytes[start] == '"' ? Array.IndexOf(bytes, (byte)'"', start + 1) + 1 : bytes.AsSpan(start).IndexOfAny(",}]"u8) + start;
        return end <= start ? bytes : [.. bytes[..start], .. Encoding.UTF8.GetBytes(s_values[random.Next(s_values.Length)]), .. bytes[end..]];
    }
}
