using Hearth.Store.Storage;

namespace Hearth.Cli.Tests.Commands;

public sealed class ArchiveCommandTests : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task SaveAndLoad_KeepTheModel()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2");
        string archive = _cli.Combine("models.tar");

        Assert.StartsWith($"Saved 1 model to {archive}: ", await _cli.OutputOfAsync("save", "smollm2", model.Id.Abbreviated, "-o", archive), StringComparison.Ordinal);
        await _cli.OutputOfAsync("rm", "smollm2");
        (int code, string output, _) = await _cli.RunAsync("load", "-i", archive);

        Assert.Equal((ExitCode.Success, $"Loaded smollm2: {model.Id}\n"), (code, output));
        Assert.Equal([archive], Directory.GetFiles(Path.GetDirectoryName(archive)!));
    }

    [Fact]
    public async Task SaveAndLoad_GoThroughAPipe()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2");
        MemoryStream pipe = new();
        _cli.Context = _cli.Context with { OpenOutput = () => pipe, OpenInput = () => new MemoryStream(pipe.ToArray()) };

        Assert.Equal(string.Empty, await _cli.OutputOfAsync("save", "smollm2"));
        Assert.Equal($"Loaded smollm2: {model.Id}\n", (await _cli.RunAsync("load")).Output);
    }

    [Fact]
    public async Task Save_ToATerminal_IsRefused()
    {
        await _cli.AddAsync("ai/smollm2");
        _cli.Context = _cli.Context with { HasOutputTerminal = true };

        Assert.Equal((ExitCode.Usage, string.Empty, "hearth: An archive is not for a terminal: give --output FILE, or redirect the output.\n"), await _cli.RunAsync("save", "smollm2"));
    }

    [Fact]
    public async Task Load_FromATerminal_IsRefused()
    {
        _cli.Context = _cli.Context with { HasInputTerminal = true };

        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("load")).Code);
    }

    [Fact]
    public async Task Save_OfAModelThatIsNotThere_LeavesTheFileAlone()
    {
        string archive = _cli.Write("models.tar", "what was there");

        Assert.Equal(ExitCode.Model, (await _cli.RunAsync("save", "absent", "-o", archive)).Code);
        Assert.Equal("what was there", await File.ReadAllTextAsync(archive, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Load_OfWhatIsNoArchive_Fails()
    {
        string archive = _cli.Write("models.tar", "no archive");

        (int code, string output, string error) = await _cli.RunAsync("load", "-i", archive);

        Assert.Equal((ExitCode.Failure, string.Empty), (code, output));
        Assert.StartsWith("hearth: ", error, StringComparison.Ordinal);
    }
}
