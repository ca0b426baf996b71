using System.Text;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Tests.Fuzzing;

namespace Hearth.Store.Tests.Manifests;

/// <summary>Changed manifests, configs and small contents: whatever a registry sends is either understood or refused with the one exception that says so.</summary>
public sealed class ManifestFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    // Stands between the manifest, the config, the parameters and the messages.
    private const byte Separator = 0x1E;

    private protected override FuzzTarget Target { get; } = new("manifest", Read)
    {
        Seeds =
        [
            .. new[] { MediaTypes.DockerConfig, MediaTypes.DockerFilesConfig, MediaTypes.CncfConfig, MediaTypes.OllamaConfig }.Select(type => (byte[])
            [
                .. HostileManifestTests.Sample(type).ToBytes(), Separator, .. Encoding.UTF8.GetBytes(HostileManifestTests.Config), Separator, .. """{"num_ctx":2048,"stop":["a"],"temperature":0.5}"""u8, Separator, .. """[{"role":"user","content":"x"}]"""u8,
            ]),
        ],
        Words =
        [
            MediaTypes.DockerConfig, MediaTypes.DockerFilesConfig, MediaTypes.CncfConfig, MediaTypes.OllamaConfig, MediaTypes.Gguf, MediaTypes.Projector, MediaTypes.ChatTemplate, MediaTypes.License, MediaTypes.CncfWeight, MediaTypes.CncfDocument, MediaTypes.OciManifest, MediaTypes.DockerManifest,
            "application/vnd.oci.image.index.v1+json", "application/vnd.ollama.image.model", "application/vnd.ollama.image.params", "\"annotations\":{\"org.cncf.model.filepath\":\"../x\"}", "\"artifactType\":\"\",", "\"subject\":{},", "\"urls\":[\"http://x\"],", "\"schemaVersion\":2,", "\"digest\":", "\"size\":-1",
            "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"", "\"\\ud800\"", "\"\\u0000\"", "null", "true", "[]", "{}", "1e999", "0.5", "-00001-of-99999.gguf", "\u001e", "/", "..", "\\\\",
        ],
        IsRefusal = FuzzTarget.Refusals(typeof(ManifestException)),
        Rounds = 3000,
        AllocationPerByte = 400,
    };

    private static string Read(byte[] bytes)
    {
        byte[][] parts = [.. Split(bytes)];
        Manifest manifest = Manifest.Read(parts[0]);
        ModelInterpreter.Check(manifest);
        ModelFacts facts = ModelInterpreter.ReadFacts(manifest, parts.ElementAtOrDefault(1) ?? []);
        ModelContent content = ModelInterpreter.Open(manifest, facts, digest => digest.Hex, (digest, limit) => parts.ElementAtOrDefault(digest == Digest.Of("m"u8) ? 3 : 2) is { } text && text.Length <= limit ? text : throw new ManifestException("The content is missing or too long."));
        Assert.NotEmpty(content.Weights);
        return $"{facts.Package} {content.Weights.Count} {content.Messages?.Count} {content.Parameters?.Count} {content.Adapters.Count} {content.Projector is null} {content.Template is null}";
    }

    private static IEnumerable<byte[]> Split(byte[] bytes)
    {
        for (int start = 0; start <= bytes.Length;)
        {
            int end = Array.IndexOf(bytes, Separator, start) is int found and >= 0 ? found : bytes.Length;
            yield return bytes[start..end];
            start = end + 1;
        }
    }
}
