using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Tests.Manifests;

/// <summary>Manifests for tests, with contents that are kept beside them.</summary>
internal sealed class ManifestText
{
    private readonly Dictionary<Digest, byte[]> _contents = [];
    private readonly JsonArray _layers = [];

    public string ConfigType { get; init; } = MediaTypes.DockerConfig;

    public string Config { get; init; } = "{}";

    public string? ArtifactType { get; init; }

    public ManifestText Add(string mediaType, string content, string? path = null)
    {
        Digest digest = Keep(content);
        JsonObject layer = new() { ["mediaType"] = mediaType, ["size"] = Encoding.UTF8.GetByteCount(content), ["digest"] = digest.ToString() };
        if (path is not null)
        {
            layer["annotations"] = new JsonObject { [MediaTypes.FilePath] = path };
        }

        _layers.Add(layer);
        return this;
    }

    public Manifest Read() => Manifest.Read(ToBytes());

    public byte[] ToBytes()
    {
        JsonObject root = new()
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ConfigType == MediaTypes.OllamaConfig ? MediaTypes.DockerManifest : MediaTypes.OciManifest,
            ["config"] = new JsonObject { ["mediaType"] = ConfigType, ["size"] = Encoding.UTF8.GetByteCount(Config), ["digest"] = Keep(Config).ToString() },
            ["layers"] = _layers.DeepClone(),
        };
        if (ArtifactType is not null)
        {
            root["artifactType"] = ArtifactType;
        }

        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    public ModelFacts ReadFacts() => ModelInterpreter.ReadFacts(Read(), Encoding.UTF8.GetBytes(Config));

    public ModelContent Open() => ModelInterpreter.Open(Read(), ReadFacts(), PathOf, ReadSmall);

    /// <summary>Contents are in files that are named by what they hold.</summary>
    public string PathOf(Digest digest) => Encoding.UTF8.GetString(_contents[digest]);

    public byte[] ReadSmall(Digest digest, int limit) =>
        _contents.TryGetValue(digest, out byte[]? content) && content.Length <= limit ? content : throw new ManifestException("The content is missing or too long.");

    private Digest Keep(string content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        Digest digest = Digest.Of(bytes);
        _contents[digest] = bytes;
        return digest;
    }
}
