using System.Diagnostics;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>What is written is for its user only, also where the system's defaults would let everybody in.</summary>
public sealed class PermissionTests : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private static readonly string[] s_generous = ["sh", "-c", "umask 000; exec \"$@\"", "sh"];
    private static readonly Dictionary<string, string> s_none = [];
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task FilesFoldersAndSockets_AreOfTheirUserOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' folders of a user are the user's.");
        string home = _files.Combine("new/home");
        string cache = _files.Combine("new/cache");
        await RunAsync(home, "keys", "create", "me");
        await RunAsync(home, "configure", "guide", "--temp", "0.5");
        await RunAsync(home, "config", "--set", "memory=8G");
        await RunAsync(home, "keys", "rm", "me");
        await using (ServerProcess server = await ServerProcess.StartByAsync(s_generous, s_none, home, "127.0.0.1:0", "guide", "--prefix-cache", cache))
        {
            Assert.Equal(UnixFileMode.None, OfOthers(Path.Combine(home, "test.sock")));
            string text = string.Join(' ', Enumerable.Repeat("What is Hearth?", 60));
            await Everything.RunBatchAsync(server.Client, text);
            await Everything.RunBatchAsync(server.Client, text);
            await server.TerminateAsync();
            await server.WaitAsync();
        }

        string[] entries = [home, cache, .. Directory.EnumerateFileSystemEntries(home, "*", SearchOption.AllDirectories), .. Directory.EnumerateFileSystemEntries(cache)];
        foreach (string expected in (string[])["api-keys.json", "api-keys.json.lock", "settings.json", "settings.json.lock", "files", "batches"])
        {
            Assert.Contains(Path.Combine(home, expected), entries);
        }

        Assert.Contains(entries, entry => entry.StartsWith(Path.Combine(home, "files") + "/", StringComparison.Ordinal));
        Assert.Contains(entries, entry => entry.StartsWith(Path.Combine(home, "batches") + "/", StringComparison.Ordinal));
        Assert.Contains(entries, entry => entry.StartsWith(cache + "/", StringComparison.Ordinal));
        Assert.DoesNotContain(entries, entry => OfOthers(entry) != UnixFileMode.None);
    }

    private static UnixFileMode OfOthers(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path) & Others;

    private static async Task RunAsync(string home, params string[] arguments)
    {
        using Process process = HearthProcess.StartBy(s_generous, s_none, home, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
    }
}
