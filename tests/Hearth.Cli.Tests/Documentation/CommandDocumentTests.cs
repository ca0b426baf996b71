using System.CommandLine;
using Hearth.Tests;

namespace Hearth.Cli.Tests.Documentation;

public sealed class CommandDocumentTests
{
    private const string UpdateVariable = "HEARTH_UPDATE_DOCS";
    private static readonly string s_path = Path.Combine(Golden.RepositoryRoot, "docs", "cli.md");

    /// <summary>With <c>HEARTH_UPDATE_DOCS=1</c> the document is written instead.</summary>
    [Fact]
    public void Document_SaysWhatTheCommandsSay()
    {
        string document = File.ReadAllText(s_path).ReplaceLineEndings("\n");
        string updated = CommandDocument.Update(document);
        if (Environment.GetEnvironmentVariable(UpdateVariable) is { Length: > 0 })
        {
            File.WriteAllText(s_path, updated);
            return;
        }

        Assert.True(document == updated, $"docs/cli.md is not what the commands say; {UpdateVariable}=1 dotnet test tests/Hearth.Cli.Tests writes it.");
    }

    [Fact]
    public void Document_HasEveryCommandOnce() => Assert.Equal(
        CommandDocument.Commands.Select(command => command.Name).Append("commands").Order(StringComparer.Ordinal),
        CommandDocument.PartsOf(File.ReadAllText(s_path).ReplaceLineEndings("\n")).Order(StringComparer.Ordinal));

    [Fact]
    public void Commands_DescribeThemselvesAndTheirOptions()
    {
        static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

        Command[] commands = [.. CommandDocument.Commands.SelectMany(All)];

        Assert.All(commands, command => Assert.EndsWith(".", command.Description!.Replace(")", ".", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.All(commands.SelectMany(command => command.Options), option => Assert.NotEmpty(option.Description ?? string.Empty));
        Assert.All(commands.SelectMany(command => command.Arguments), argument => Assert.NotEmpty(argument.Description ?? string.Empty));
    }
}
