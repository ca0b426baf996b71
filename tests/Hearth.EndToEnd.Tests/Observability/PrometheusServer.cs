using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Hearth.Store.Tests.Fakes;

namespace Hearth.EndToEnd.Tests.Observability;

/// <summary>Debian's <c>prometheus</c> on a free port, which asks a server for its metrics; a test is skipped where it is not installed.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFiles _files = new();
    private readonly HttpClient _client;
    private readonly Process _process;

    private PrometheusServer(string program, string target, string? key)
    {
        int port = FreePort();
        string authorization = key is null ? string.Empty : $"    authorization: {{ credentials: {key} }}\n";
        File.WriteAllText(_files.Combine("prometheus.yml"), $"global: {{ scrape_interval: 250ms }}\nscrape_configs:\n  - job_name: hearth\n{authorization}    static_configs: [{{ targets: [\"{target}\"] }}]\n");
        string[] arguments = [$"--config.file={_files.Combine("prometheus.yml")}", $"--storage.tsdb.path={_files.Combine("data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"];
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>Starts it.</summary>
    /// <param name="target">The server's host and port.</param>
    /// <param name="key">The key to show; null for none.</param>
    public static async Task<PrometheusServer> StartAsync(string target, string? key = null)
    {
        string program = DockerRegistry.Find("prometheus");
        for (int attempt = 1; ; attempt++)
        {
            PrometheusServer server = new(program, target, key);
            if (await server.IsReadyAsync())
            {
                return server;
            }

            server.Dispose();
            Assert.True(attempt < Attempts, "prometheus does not start.");
        }
    }

    /// <summary>The value of a query that gives one, once it is as expected; else the last one.</summary>
    public async Task<double> QueryAsync(string query, double expected)
    {
        Stopwatch waited = Stopwatch.StartNew();
        double last;
        do
        {
            JsonElement answer = await _client.GetFromJsonAsync<JsonElement>($"/api/v1/query?query={Uri.EscapeDataString(query)}", TestContext.Current.CancellationToken);
            JsonElement[] results = [.. answer.GetProperty("data").GetProperty("result").EnumerateArray()];
            last = results is [JsonElement only] ? double.Parse(only.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture) : double.NaN;
            if (last == expected)
            {
                break;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        while (waited.Elapsed < s_patience);
        return last;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _client.Dispose();
        _files.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // Another program may have taken the port meanwhile.
    private async Task<bool> IsReadyAsync()
    {
        while (!_process.HasExited)
        {
            try
            {
                using HttpResponseMessage response = await _client.GetAsync("/-/ready", TestContext.Current.CancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return false;
    }
}
