using Hearth.Server;
using Hearth.Store.Manifests;
using Hearth.Store.Storage;

namespace Hearth.Cli.Tests.Commands;

public sealed class PackagingCommandTests : IDisposable
{
    private static readonly string s_guide = BuiltInModels.Resolve(BuiltInModels.Guide);
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Package_MakesTheSameModelOfTheSameFiles()
    {
        string license = _cli.Write("LICENSE", "MIT");
        string template = _cli.Write("template.jinja", "{{ messages[0].content }}");
        _cli.Context = _cli.Context with { Variable = name => name == "SOURCE_DATE_EPOCH" ? "1700000000" : null };
        string[] files = ["--gguf", s_guide, "-l", license, "--chat-template", template, "--context-size", "512"];

        (int code, string output, string error) = await _cli.RunAsync(["package", "team/one:v1", .. files]);
        await _cli.RunAsync(["package", "team/two", .. files, "--link"]);

        Assert.Equal(ExitCode.Success, code);
        StoredModel model = Assert.Single(_cli.Store.List());
        Assert.Equal($"Packaged team/one:v1: {model.Id}, {HumanText.Size(model.Size)}\n", output);
        Assert.Contains("Adding GGUF file", error, StringComparison.Ordinal);
        Assert.Equal(["team/one:v1", "team/two"], model.References.Select(reference => reference.Display));
        Assert.Equal((512, DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)), (model.Facts.ContextSize, model.Facts.Created));
        ModelContent content = _cli.Store.Open(model);
        Assert.Equal(["MIT"], content.Licenses);
        Assert.Equal("{{ messages[0].content }}", content.Template!.Text);
    }

    [Fact]
    public async Task Package_FromAStoredModel_ChangesItsContext()
    {
        await _cli.RunAsync("package", "team/one", "--gguf", s_guide);

        await _cli.OutputOfAsync("package", "team/small", "--from", "team/one", "--context-size", "256");

        Assert.Equal(256, _cli.Store.Get("team/small").Facts.ContextSize);
    }

    [Theory]
    [InlineData("Say what to package: --gguf FILE, or --from MODEL.")]
    [InlineData("--gguf and --from exclude each other.", "--gguf", "a.gguf", "--from", "b")]
    [InlineData("Say what is to be changed: --from goes with --context-size.", "--from", "b")]
    [InlineData("--license is for --gguf; with --from, --context-size is all that can be changed.", "--from", "b", "--context-size", "1", "--license", "c")]
    [InlineData("'--format' must be docker or cncf, not 'oci'.", "--gguf", "a.gguf", "--format", "oci")]
    [InlineData("'--context-size' must be at least 1, not 0.", "--gguf", "a.gguf", "--context-size", "0")]
    public async Task Package_ThatMakesNoSense_IsRefused(string message, params string[] arguments)
    {
        (int code, string output, string error) = await _cli.RunAsync(["package", "team/one", .. arguments]);

        Assert.Equal((ExitCode.Usage, string.Empty), (code, output));
        Assert.StartsWith($"hearth: {message}\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    public async Task Package_WithATimeThatIsNone_IsRefused(string epoch)
    {
        _cli.Context = _cli.Context with { Variable = _ => epoch };

        Assert.Equal((ExitCode.Usage, string.Empty, $"hearth: SOURCE_DATE_EPOCH is '{epoch}'; expected seconds since 1970.\n"), await _cli.RunAsync("package", "one", "--gguf", s_guide));
    }

    [Fact]
    public async Task Package_OfAFileThatIsNotThere_Fails()
    {
        (int code, string output, string error) = await _cli.RunAsync("package", "one", "--gguf", _cli.Combine("absent.gguf"));

        Assert.NotEqual(ExitCode.Success, code);
        Assert.Empty(output);
        Assert.Contains("absent.gguf", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_MakesAModelOfAStoredOne()
    {
        await _cli.RunAsync("package", "team/base", "--gguf", s_guide);
        string file = _cli.Write("Modelfile", "FROM team/base\nSYSTEM Be brief.\nPARAMETER temperature 0.5\n");

        (int code, string output, _) = await _cli.RunAsync("create", "brief", "-f", file);

        StoredModel model = _cli.Store.Get("brief");
        Assert.Equal((ExitCode.Success, $"Created brief: {model.Id}, {HumanText.Size(model.Size)}\n"), (code, output));
        Assert.Equal("Be brief.", _cli.Store.Open(model).System);
    }

    [Fact]
    public async Task Create_OfABrokenModelfile_NamesTheLine()
    {
        string file = _cli.Write("Modelfile", "FROM team/base\nNONSENSE x\n");

        (int code, _, string error) = await _cli.RunAsync("create", "brief", "-f", file);

        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith($"hearth: {file}: (line 2): ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_WithoutAModelfile_SaysSo()
    {
        string file = _cli.Combine("absent");

        Assert.Equal((ExitCode.Usage, string.Empty, $"hearth: There is no '{file}'; say with --file where the Modelfile is.\n"), await _cli.RunAsync("create", "brief", "-f", file));
    }
}
