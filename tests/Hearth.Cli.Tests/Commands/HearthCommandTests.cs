using Hearth.Cli.Commands;

namespace Hearth.Cli.Tests.Commands;

public sealed class HearthCommandTests
{
    [Fact]
    public void Create_WithACommandsName_MakesThatCommandOnly()
    {
        string[] names = [.. HearthCommand.Create().Subcommands.Select(command => command.Name)];

        Assert.True(names.Length > 1);
        Assert.All(names, name => Assert.Equal([name], HearthCommand.Create(name).Subcommands.Select(command => command.Name)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("--help")]
    [InlineData("rum")]
    public void Create_WithAnythingElse_MakesAllCommands(string? word) =>
        Assert.Equal(HearthCommand.Create().Subcommands.Count, HearthCommand.Create(word).Subcommands.Count);
}
