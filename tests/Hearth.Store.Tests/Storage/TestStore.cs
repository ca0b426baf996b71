using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Storage;

/// <summary>A store in a folder of its own, which goes with it.</summary>
internal sealed class TestStore : IDisposable
{
    public TestStore() => Store = Reopen();

    public string Root { get; } = Path.Combine(Path.GetTempPath(), $"hearth-store-{Guid.NewGuid():N}");

    public string Folder => Path.Combine(Root, "home", "models");

    public ModelStore Store { get; }

    /// <summary>Another store of the same folder, as another process has it.</summary>
    public ModelStore Reopen(StoreFiles? files = null, string? folder = null, TimeSpan? patience = null) => new(folder ?? Folder, new ModelStoreOptions
    {
        Files = files ?? new UnflushedFiles(),
        HomeFolder = Path.Combine(Root, "home"),
        LockPatience = patience ?? TimeSpan.FromSeconds(30),
    });

    public StoredModel Add(string? reference, params string[] weights) => Add(Store, reference, weights);

    public static StoredModel Add(ModelStore store, string? reference, params string[] weights)
    {
        using StoreLock adding = store.BeginAdding();
        BlobStore blobs = new(store.Folder, store.Options.Files);
        Manifest manifest = BuildManifest(text => blobs.Add(Encoding.UTF8.GetBytes(text)), weights);
        return store.Commit(manifest, reference is null ? null : ModelReference.Parse(reference));
    }

    public static Manifest BuildManifest(Func<string, Digest> keep, params string[] weights)
    {
        const string Config = """{"config":{"format":"gguf","architecture":"llama","parameters":"1M","quantization":"F16","size":"1KiB"}}""";
        JsonObject root = new()
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Describe(MediaTypes.DockerConfig, Config, keep),
            ["layers"] = new JsonArray([.. weights.Select(text => Describe(MediaTypes.Gguf, text, keep))]),
        };
        return Manifest.Read(Encoding.UTF8.GetBytes(root.ToJsonString()));
    }

    public string BlobPath(string content) => Path.Combine(Folder, "blobs", "sha256", Digest.Of(Encoding.UTF8.GetBytes(content)).Hex);

    public string[] FilesOf(string folder) => Directory.Exists(Path.Combine(Folder, folder)) ? [.. Directory.GetFiles(Path.Combine(Folder, folder), "*", SearchOption.AllDirectories).Order()] : [];

    public static async Task AssertSoundAsync(ModelStore store)
    {
        VerificationResult result = await store.VerifyAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(result.Problems);
    }

    public static string[] Names(ModelStore store) => [.. store.List().Select(model => model.References.Count == 0 ? $"<none> {model.Id.Abbreviated}" : string.Join(" ", model.References.Select(reference => reference.Display)))];

    public void Dispose()
    {
        if (Directory.Exists(Root))
        {
            if (!OperatingSystem.IsWindows())
            {
                foreach (string folder in Directory.GetDirectories(Root, "*", SearchOption.AllDirectories))
                {
                    File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                }
            }

            Directory.Delete(Root, recursive: true);
        }
    }

    private static JsonObject Describe(string mediaType, string content, Func<string, Digest> keep) => new()
    {
        ["mediaType"] = mediaType,
        ["digest"] = keep(content).ToString(),
        ["size"] = Encoding.UTF8.GetByteCount(content),
    };
}
