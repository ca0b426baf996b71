using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Fakes;
using Hearth.Store.Transfer;

namespace Hearth.Store.Tests.Transfer;

/// <summary>Against a registry that is not ours.</summary>
public sealed class DockerRegistryTests : IDisposable
{
    private static readonly byte[] s_first = FakeModel.Content(3_000_000), s_second = FakeModel.Content(70_000, seed: 2);
    private readonly FakeStore _here = new(Change), _there = new(Change);

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    [Fact]
    public async Task Model_ComesBackAsItWas()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        Manifest manifest = Store(_here);
        await _here.PushAsync("team/model", $"{registry.Host}/team/model:v1");
        PullResult result = await _there.PullAsync($"{registry.Host}/team/model:v1");
        Assert.Equal(manifest.Digest, result.Model.Id);
        Assert.Equal([s_first, s_second], _there.Weights($"{registry.Host}/team/model:v1"));
        Assert.True((await _there.PullAsync($"{registry.Host}/team/model@{manifest.Digest}")).WasCached);
    }

    [Fact]
    public async Task Skopeo_ReadsWhatWasPushed()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        Manifest manifest = Store(_here);
        await _here.PushAsync("team/model", $"{registry.Host}/team/model:v1");
        Assert.Equal(manifest.Bytes.ToArray(), await DockerRegistry.RunAsync("skopeo", "inspect", "--raw", "--tls-verify=false", $"docker://{registry.Host}/team/model:v1"));
        string folder = Directory.CreateDirectory(_here.Folder["copy"]).FullName;
        await DockerRegistry.RunAsync("skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", $"docker://{registry.Host}/team/model:v1", $"dir:{folder}");
        Assert.Equal(s_first, await File.ReadAllBytesAsync(Path.Combine(folder, Digest.Of(s_first).Hex), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task BrokenOffPull_GoesOn()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        Store(_here);
        await _here.PushAsync("team/model", $"{registry.Host}/team/model:v1");
        using CancellationTokenSource cancel = new();
        Stopper stopper = new(Digest.Of(s_first), cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _there.Store.PullAsync(ModelReference.Parse($"{registry.Host}/team/model:v1"), null, stopper, cancel.Token));
        PullResult result = await _there.PullAsync($"{registry.Host}/team/model:v1");
        Assert.InRange(result.DownloadedBytes, 0, s_first.Length + s_second.Length - 1);
        Assert.Equal([s_first, s_second], _there.Weights($"{registry.Host}/team/model:v1"));
    }

    [Fact]
    public async Task ContentsOfAnotherRepository_AreMounted()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        Store(_here);
        await _here.PushAsync("team/model", $"{registry.Host}/team/model:v1");
        await _there.PullAsync($"{registry.Host}/team/model:v1");
        await _there.PushAsync($"{registry.Host}/team/model:v1", $"{registry.Host}/other/name:v2");
        Assert.DoesNotContain(_there.Progress.All, report => report.Message.StartsWith("Uploading", StringComparison.Ordinal));
        Assert.NotEmpty(await DockerRegistry.RunAsync("skopeo", "inspect", "--raw", "--tls-verify=false", $"docker://{registry.Host}/other/name:v2"));
    }

    [Fact]
    public async Task RegistryWithPasswords_WantsALogin()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync(hasPassword: true);
        Store(_here);
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _here.PushAsync("team/model", $"{registry.Host}/team/model:v1"));
        Assert.Equal(RegistryErrorKind.Unauthorized, exception.Kind);
        Assert.Contains("hearth login", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RegistryException>(() => RegistryCredentials.LoginAsync(registry.Host, DockerRegistry.User, "wrong", _here.Options, cancellationToken: TestContext.Current.CancellationToken));
        await RegistryCredentials.LoginAsync(registry.Host, DockerRegistry.User, DockerRegistry.Password, _here.Options, cancellationToken: TestContext.Current.CancellationToken);
        await _here.PushAsync("team/model", $"{registry.Host}/team/model:v1");
        await Assert.ThrowsAsync<RegistryException>(() => _there.PullAsync($"{registry.Host}/team/model:v1"));
        await RegistryCredentials.LoginAsync(registry.Host, DockerRegistry.User, DockerRegistry.Password, _there.Options, cancellationToken: TestContext.Current.CancellationToken);
        await _there.PullAsync($"{registry.Host}/team/model:v1");
        Assert.Equal([s_first, s_second], _there.Weights($"{registry.Host}/team/model:v1"));
    }

    [Fact]
    public async Task RegistryWithACertificateOfItsOwn_IsTrustedWhereItsAuthorityIsNamed()
    {
        using TestCertificates certificates = new();
        using DockerRegistry registry = await DockerRegistry.StartAsync(certificates);
        Store(_here);
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _here.PushAsync("team/model", $"{registry.Host}/team/model:v1"));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.Contains("HEARTH_CA_FILE", exception.Message, StringComparison.Ordinal);

        ModelStore trusting = new(_here.Store.Folder, _here.Store.Options with { Registries = _here.Options with { CertificateFile = certificates.AuthorityFile } });
        await trusting.PushAsync(trusting.Get("team/model"), ModelReference.Parse($"{registry.Host}/team/model:v1"), cancellationToken: TestContext.Current.CancellationToken);
        await _there.PullAsync($"{registry.Host}/team/model:v1", new TransferOptions { Insecure = true });
        Assert.Equal([s_first, s_second], _there.Weights($"{registry.Host}/team/model:v1"));
    }

    private static RegistryOptions Change(RegistryOptions options) => options with { ChunkBytes = 1_000_000, PieceBytes = 500_000 };

    private static Manifest Store(FakeStore store)
    {
        byte[] config = FakeModel.Config(s_first, s_second);
        Manifest manifest = Manifest.Read(FakeModel.Manifest(MediaTypes.DockerConfig, config, s_first, s_second));
        using StoreLock adding = store.Store.BeginAdding();
        BlobStore blobs = new(store.Store.Folder, new StoreFiles());
        foreach (byte[] content in new[] { config, s_first, s_second })
        {
            blobs.Add(content);
        }

        store.Store.Commit(manifest, ModelReference.Parse("team/model"));
        return manifest;
    }

    /// <summary>Stops a pull when some of a layer has come.</summary>
    private sealed class Stopper(Digest layer, CancellationTokenSource cancel) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            if (value.Layer == layer && value.LayerDone > 0)
            {
                cancel.Cancel();
            }
        }
    }
}
