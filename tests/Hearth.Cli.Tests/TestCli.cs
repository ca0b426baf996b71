using Hearth.Cli.Commands;
using Hearth.Server.Access;
using Hearth.Server.Models;
using Hearth.Server.Settings;
using Hearth.Store;
using Hearth.Store.Registries;
using Hearth.Store.Storage;

namespace Hearth.Cli.Tests;

/// <summary>Commands on a store of their own, whose output is kept.</summary>
internal sealed class TestCli : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public TestCli()
    {
        ModelStoreOptions options = new() { ReadGguf = StoreFactory.Read, Time = Time, Registries = new RegistryOptions { Retries = 0, DockerConfigFolder = Combine("docker") } };
        Context = new CliContext
        {
            OpenStore = () => new ModelStore(Combine("models"), options),
            OpenSettings = () => new SettingsStore(Combine("settings.json")),
            OpenKeys = () => new ApiKeyStore(Combine("api-keys.json")),
            Time = Time,
            HasOutputTerminal = false,
            HasErrorTerminal = false,
            HasInputTerminal = false,
            Columns = () => 80,
            ReadLine = () => null,
            OpenInput = () => new MemoryStream(),
            OpenOutput = () => new MemoryStream(),
            Variable = _ => null,
        };
    }

    public TestTime Time { get; } = new();

    public CliContext Context { get; set; }

    public ModelStore Store => Context.OpenStore();

    public string Combine(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The same with variables of the environment, as NAME=VALUE.</summary>
    public TestCli With(params string[] variables)
    {
        Dictionary<string, string> environment = variables.Select(text => text.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        Context = Context with { Variable = name => environment.GetValueOrDefault(name) };
        return this;
    }

    public string Write(string name, string text)
    {
        File.WriteAllText(Combine(name), text);
        return Combine(name);
    }

    /// <summary>Runs a command line.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = await HearthCommand.RunAsync(arguments, Context with { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command line that must succeed.</summary>
    /// <returns>What it prints.</returns>
    public async Task<string> OutputOfAsync(params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(arguments);
        Assert.Equal((ExitCode.Success, string.Empty), (code, error));
        return output;
    }

    /// <summary>Stores a model.</summary>
    public async Task<StoredModel> AddAsync(string reference, TestModel? model = null)
    {
        using MemoryStream archive = (model ?? new TestModel()).ToArchive(reference);
        return Assert.Single(await Store.LoadAsync(archive, cancellationToken: TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
