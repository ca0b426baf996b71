using Hearth.Engine.Gguf;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Store;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;

namespace Hearth.Server.Tests.Hosting;

/// <summary>Models of the store that somebody removes between the moments at which a request finds them and loads them.</summary>
public sealed class RemovedModelTests : IDisposable
{
    private const string Name = "team/guide:v1";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelStore _store;
    private readonly ModelHost _host;

    public RemovedModelTests()
    {
        _store = StoreFactory.Open(Path.Combine(_folder.FullName, "models"), new RegistryOptions());
        _host = new ModelHost(new ModelHostOptions { Store = _store });
    }

    public void Dispose()
    {
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task AModelThatIsRemovedBeforeItIsLoaded_IsNotThere()
    {
        await AddAsync();
        ServedModel served = _host.FindLanguage(Name);

        _store.Remove(Name);

        ModelNotFoundException failure = await Assert.ThrowsAsync<ModelNotFoundException>(() => _host.LeaseAsync(served, null, TestContext.Current.CancellationToken));
        Assert.Equal(Name, failure.Name);
    }

    [Fact]
    public async Task AModelWhoseFileIsGone_IsBroken()
    {
        await AddAsync();
        ServedModel served = _host.FindLanguage(Name);

        File.Delete(served.Path);

        await Assert.ThrowsAsync<GgufException>(() => _host.LeaseAsync(served, null, TestContext.Current.CancellationToken));
    }

    private Task<StoredModel> AddAsync() => _store.PackageAsync(
        new PackageRequest { Gguf = BuiltInModels.Resolve(BuiltInModels.Guide), Created = DateTimeOffset.UnixEpoch }, ModelReference.Parse(Name), null, TestContext.Current.CancellationToken);
}
