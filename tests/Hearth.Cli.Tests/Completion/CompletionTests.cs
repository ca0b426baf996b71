using System.Diagnostics;
using Hearth.Cli.Completion;

namespace Hearth.Cli.Tests.Completion;

public sealed class CompletionTests : IDisposable
{
    // Says what the program would, and asks as bash does.
    private const string Shell = """
        hearth() {
            [ "$1" = __complete ] && [ "$2" = -- ] || exit 1
            case "$3" in
              *" pu") printf 'pull\tGet a model\npush\tPut a model\n' ;;
              *" smollm2:3") printf 'smollm2:360M\t256.3 MB\n' ;;
            esac
        }
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=(hearth)
        _hearth
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("hearth pu", "pull", "push")]
    [InlineData("/usr/bin/hearth pu", "pull", "push")]
    [InlineData("hearth list --q", "--quiet")]
    [InlineData("hearth completion ", "bash", "fish", "powershell", "zsh")]
    [InlineData("hearth debug tok", "tokenize")]
    [InlineData("hearth run smol", "smollm2")]
    [InlineData("hearth show t", "team/other:q4")]
    [InlineData("hearth rm smollm2 ", "guide", "smollm2", "team/other:q4")]
    [InlineData("hearth package --from te", "team/other:q4")]
    [InlineData("hearth run ./mod")]
    [InlineData("hearth nonsense x")]
    public async Task Suggest_GivesWhatTheLastWordMayBecome(string line, params string[] expected)
    {
        await _cli.AddAsync("ai/smollm2");
        await _cli.AddAsync("team/other:q4");

        string[] lines = (await _cli.OutputOfAsync("__complete", "--", line)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(expected, lines.Select(suggested => suggested.Split('\t')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Suggest_GivesAllCommandsAndNoHiddenOnes()
    {
        string[] names = [.. (await _cli.OutputOfAsync("__complete", "--", "hearth ")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0])];

        Assert.Contains("pull", names);
        Assert.Contains("run", names);
        Assert.DoesNotContain("__complete", names);
        Assert.DoesNotContain(names, name => name.StartsWith('-'));
    }

    [Fact]
    public async Task Suggest_OfABrokenStore_IsSilent()
    {
        Directory.CreateDirectory(_cli.Combine("models"));
        _cli.Write("models/layout.json", "no layout");

        Assert.Equal(string.Empty, await _cli.OutputOfAsync("__complete", "--", "hearth run g"));
    }

    [Fact]
    public async Task Completion_OfAnUnknownShell_IsRefused()
    {
        (int code, _, string error) = await _cli.RunAsync("completion", "tcsh");

        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("hearth: There is no completion for 'tcsh', only for bash, zsh, fish, powershell.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hearth pu", "pull", "push")]
    [InlineData("hearth run smollm2:3", "360M")]
    [InlineData("hearth show x")]
    public async Task BashScript_OffersWhatTheProgramSays(string line, params string[] expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Bash is no part of Windows.");
        string script = _cli.Write("completion", CompletionScripts.Of("bash"));
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-c", Shell, "bash", script, line]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, string.Empty), (bash.ExitCode, await error));
        Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
