using Hearth.Store.Storage;

namespace Hearth.Cli.Tests.Commands;

public sealed class NamingCommandTests : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("tag")]
    [InlineData("cp")]
    public async Task Tag_GivesOneMoreName(string command)
    {
        await _cli.AddAsync("ai/smollm2");

        Assert.Equal("Tagged smollm2 as team/mine:v1\n", await _cli.OutputOfAsync(command, "smollm2", "team/mine:v1"));
        Assert.Equal(2, Assert.Single(_cli.Store.List()).References.Count);
    }

    [Fact]
    public async Task Tag_OfAModelThatIsNotThere_IsAnErrorOfTheModel()
    {
        (int code, string output, string error) = await _cli.RunAsync("tag", "absent", "other");

        Assert.Equal((ExitCode.Model, string.Empty), (code, output));
        Assert.StartsWith("hearth: There is no model 'absent' here;", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tag_WithATargetThatIsNone_IsAnErrorOfUsage()
    {
        await _cli.AddAsync("ai/smollm2");

        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("tag", "smollm2", "not a name")).Code);
        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("tag", "smollm2", string.Empty)).Code);
        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("tag", "smollm2")).Code);
    }

    [Fact]
    public async Task Remove_OfOneOfTwoNames_KeepsTheModel()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2");
        _cli.Store.Tag(model, _cli.Store.ParseReference("alias"));

        Assert.Equal("Untagged: alias\n", await _cli.OutputOfAsync("rm", "alias"));
        Assert.Equal(["smollm2"], Assert.Single(_cli.Store.List()).References.Select(reference => reference.Display));
    }

    [Fact]
    public async Task Remove_OfTheLastName_RemovesEverything()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2");

        string[] lines = (await _cli.OutputOfAsync("rm", "smollm2")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("Untagged: smollm2", lines[0]);
        Assert.Contains($"Deleted: {model.Id}", lines);
        Assert.Equal(4, lines.Length);
        Assert.Empty(_cli.Store.List());
    }

    [Fact]
    public async Task Remove_ById_NeedsForceWhereThereAreSeveralNames()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2");
        _cli.Store.Tag(model, _cli.Store.ParseReference("alias"));

        (int code, string output, string error) = await _cli.RunAsync("rm", model.Id.Abbreviated);
        Assert.Equal((ExitCode.Failure, string.Empty), (code, output));
        Assert.Contains("has 2 references", error, StringComparison.Ordinal);

        Assert.StartsWith("Untagged: alias\nUntagged: smollm2\nDeleted: ", await _cli.OutputOfAsync("rm", "-f", model.Id.Abbreviated), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_OfSeveral_GoesOnAfterAFailure()
    {
        await _cli.AddAsync("ai/smollm2");

        (int code, string output, string error) = await _cli.RunAsync("rm", "absent", "smollm2");

        Assert.Equal(ExitCode.Model, code);
        Assert.StartsWith("Untagged: smollm2\n", output, StringComparison.Ordinal);
        Assert.StartsWith("hearth: There is no model 'absent'", error, StringComparison.Ordinal);
    }
}
