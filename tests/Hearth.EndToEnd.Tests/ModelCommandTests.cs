using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hearth.EndToEnd.Tests;

public sealed class ModelCommandTests : IDisposable
{
    private const string Question = "How do I stream an answer?";
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Run_OfAStoredModel_UsesWhatWasPackagedUnlessToldOtherwise()
    {
        string guide = Path.Combine(AppContext.BaseDirectory, "models", "guide.gguf");
        string file = _files.Write("Modelfile", Encoding.UTF8.GetBytes($"FROM {guide}\nPARAMETER temperature 0\nPARAMETER num_predict 4\n"));
        await SucceedAsync("create", "short", "-f", file);

        Assert.Equal(await SucceedAsync("run", "guide", Question, "--temp", "0", "-n", "4"), await SucceedAsync("run", "short", Question));
        Assert.Equal(await SucceedAsync("run", "guide", Question, "--temp", "0", "-n", "6"), await SucceedAsync("run", "short", Question, "-n", "6"));
        await SucceedAsync("configure", "short", "--temp", "0.1");
        Assert.Matches(@"temp +0\.1 +settings", await SucceedAsync("inspect", "short"));
    }

    [Fact]
    public async Task Bash_CompletesStoredModels()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Bash is no part of Windows.");
        await SucceedAsync("package", "team/model:v1", "--gguf", Path.Combine(AppContext.BaseDirectory, "models", "guide.gguf"));
        const string Shell = """
            hearth() { dotnet "$program" "$@"; }
            program=$1
            source <(hearth completion bash)
            COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=(hearth)
            _hearth
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        ProcessStartInfo start = new("bash", ["-c", Shell, "bash", Path.Combine(AppContext.BaseDirectory, "hearth.dll"), "hearth run team/model:"]) { RedirectStandardOutput = true };
        start.Environment["HEARTH_HOME"] = _files.Combine("home");
        start.Environment.Remove("HEARTH_MODELS");
        using Process bash = Process.Start(start)!;

        Assert.Equal("v1\n", await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("pull")]
    [InlineData("run")]
    [InlineData("serve")]
    public async Task Pull_ThatIsInterrupted_SaysHowToGoOn(string command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A signal is sent with kill.");
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        string model = $"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/team/model";
        using Process pull = HearthProcess.StartIn(_files.Combine("home"), command, model);
        using TcpClient asked = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        using (Process kill = Process.Start("kill", ["-INT", pull.Id.ToString()]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        string error = await pull.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await pull.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, pull.ExitCode);
        Assert.EndsWith($"Stopped. What has arrived is kept; 'hearth pull {model}' goes on from there.\n", error, StringComparison.Ordinal);
    }

    private async Task<string> SucceedAsync(params string[] arguments)
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(arguments, home: _files.Combine("home"));
        Assert.True(code == 0, error);
        return output;
    }
}
