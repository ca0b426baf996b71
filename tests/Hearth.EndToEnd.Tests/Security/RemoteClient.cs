using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hearth.Store.Tests.Fakes;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary><c>curl</c> on another machine.</summary>
/// <param name="network">That machine.</param>
/// <param name="server">The server's host and port.</param>
/// <param name="files">Where it keeps its files.</param>
internal sealed class RemoteClient(NetworkNamespace network, string server, TemporaryFiles files)
{
    /// <summary>The statuses of requests, in order; 0 where nobody answers.</summary>
    public async Task<int[]> SendAsync(IReadOnlyList<(string Method, string Path)> requests, params string[] headers)
    {
        StringBuilder config = new();
        foreach ((string method, string path) in requests)
        {
            config.Append(config.Length == 0 ? string.Empty : "next\n").Append(CultureInfo.InvariantCulture, $"url = \"http://{server}{path}\"\npath-as-is\ngloboff\nsilent\noutput = \"/dev/null\"\nconnect-timeout = 10\nwrite-out = \"%{{http_code}}\\n\"\n");
            config.Append(method == "HEAD" ? "head\n" : $"request = \"{method}\"\n").Append(method is "POST" ? "data = \"{}\"\nheader = \"Content-Type: application/json\"\n" : string.Empty);
            config.AppendJoin(string.Empty, headers.Select(header => $"header = \"{header}\"\n"));
        }

        string file = files.Write($"{Guid.NewGuid():N}.curl", Encoding.UTF8.GetBytes(config.ToString()));
        string[] command = [.. network.Command, DockerRegistry.Find("curl"), "--config", file];
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        int[] statuses = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        Assert.True(statuses.Length == requests.Count, await errors);
        return statuses;
    }
}
