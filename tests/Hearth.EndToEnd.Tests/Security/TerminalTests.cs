using System.Diagnostics;
using Hearth.Store.Tests.Fakes;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>What a model writes does not steer the terminal that shows it.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Reply = "a\u001b]52;c;aGk=\u0007b\u009b31mc\nd";
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Answer_CannotSteerATerminal_AndAFileGetsItAsItIs()
    {
        DockerRegistry.Find("script");
        string model = ScriptedModel.Write(_files.Combine("hostile.gguf"), Reply, "{% for message in messages %}{{ message.content }}{% endfor %}", "<|begin_of_reply|>");

        (_, string piped, _) = await HearthProcess.RunAsync(["run", model, "hello", "--temp", "0"]);
        string shown = await RunInTerminalAsync("run", model, "hello", "--temp", "0");

        Assert.Equal(Reply, piped.TrimEnd('\n'));
        Assert.Contains("a ]52;c;aGk= b 31mc", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("]52", shown.Replace(" ]52", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("\u009b", shown, StringComparison.Ordinal);
    }

    private static async Task<string> RunInTerminalAsync(params string[] arguments)
    {
        using Process process = HearthProcess.StartBy(["sh", "-c", "exec script -qec \"$*\" /dev/null", "sh"], new Dictionary<string, string>(), null, arguments);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        return output;
    }
}
