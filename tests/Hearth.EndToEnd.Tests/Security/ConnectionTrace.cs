using System.Diagnostics;
using Hearth.Store.Tests.Fakes;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>Every address of a network that a program connects or sends to, as the system sees it; a test is skipped where that cannot be watched.</summary>
/// <param name="path">The file to write to.</param>
internal sealed class ConnectionTrace(string path)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Starts a program that is watched; it has the process that is started.</summary>
    public string[] Command =>
        ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", path];

    /// <summary>Skips the test unless programs may be watched.</summary>
    public static async Task SkipUnlessPermittedAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Calls of the system are watched on Linux.");
        using Process process = Process.Start(new ProcessStartInfo(DockerRegistry.Find("strace"), ["-qq", "-e", "trace=none", "true"]) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(process.ExitCode != 0, $"This user may not watch programs: {errors.Trim()}");
    }

    /// <summary>The calls that named an address of a network, so far.</summary>
    public string[] Read()
    {
        using StreamReader reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Contains("sa_family=AF_INET", StringComparison.Ordinal))];
    }

    /// <summary>Waits for a call that names a port; what was called before it is seen by then, too.</summary>
    public async Task<string[]> WaitAsync(int port)
    {
        Stopwatch waited = Stopwatch.StartNew();
        string[] calls;
        while (!(calls = Read()).Any(call => call.Contains($"htons({port})", StringComparison.Ordinal)))
        {
            Assert.True(waited.Elapsed < s_patience, "The connection was not seen.");
            await Task.Delay(s_pause, TestContext.Current.CancellationToken);
        }

        return calls;
    }
}
