using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Hearth.Store.Tests.Fakes;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>hearth serve</c> as a service manager sees it.</summary>
public sealed class ServeTests
{
    [Fact]
    public async Task AddressInUse_IsOneLine()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();

        (int code, string output, string error) = await HearthProcess.RunAsync(["serve", "--listen", $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}"]);

        Assert.Equal((1, string.Empty), (code, output));
        Assert.Matches(@"^hearth: Cannot listen on 127\.0\.0\.1:\d+: .+\. Choose another address with --listen\.\r?\n$", error);
    }

    [Fact]
    public async Task ListeningBeyondThisMachine_WarnsWithoutAKeyAndWithoutEncryption()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        using TemporaryFiles files = new();
        await using ServerProcess open = await ServerProcess.StartInAsync(files.Combine("open"), "--listen", "0.0.0.0:0");
        string warning = await open.TerminateAndReadErrorsAsync();

        Assert.Contains("0.0.0.0:0", warning, StringComparison.Ordinal);
        Assert.All(["--listen", "hearth keys create", "HEARTH_API_KEY", "not encrypted", "--tls-certificate"], name => Assert.Contains(name, warning, StringComparison.Ordinal));

        await using ServerProcess local = await ServerProcess.StartInAsync(files.Combine("local"), "--listen", "[::1]:0", "--listen", "localhost:0", "--listen", $"unix:{files.Combine("a.sock")}");
        Assert.Equal(string.Empty, await local.TerminateAndReadErrorsAsync());

        Assert.Equal(0, (await HearthProcess.RunAsync(["keys", "create", "me"], home: files.Combine("keys"))).ExitCode);
        await using ServerProcess keys = await ServerProcess.StartInAsync(files.Combine("keys"), "--listen", "0.0.0.0:0");
        warning = await keys.TerminateAndReadErrorsAsync();
        Assert.Contains("not encrypted", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("no API key", warning, StringComparison.Ordinal);

        using TestCertificates certificates = new();
        await using ServerProcess encrypted = await ServerProcess.StartInAsync(
            files.Combine("keys"), "--listen", "0.0.0.0:0", "--tls-certificate", certificates.ServerFile, "--tls-key", certificates.KeyFile);
        (int code, _, string untrusted) = await HearthProcess.RunAsync(["status", "--host", $"https://{encrypted.Host}"]);
        Assert.Equal(1, code);
        Assert.Contains("HEARTH_CA_FILE", untrusted, StringComparison.Ordinal);
        Assert.Equal(string.Empty, await encrypted.TerminateAndReadErrorsAsync());
    }

    [Fact]
    public async Task Terminate_LetsAStreamFinish()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        await using ServerProcess server = await ServerProcess.StartAsync("--shutdown-timeout", "-1");
        using StreamReader stream = await server.StreamAsync(maxTokens: 200);

        await server.TerminateAsync();
        string rest = await stream.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await server.WaitAsync());
        Assert.EndsWith("data: [DONE]\n\n", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminate_EndsAStreamThatTakesTooLongWithAnError()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        await using ServerProcess server = await ServerProcess.StartAsync("-c", "200000", "--parallel", "1", "--shutdown-timeout", "0");
        using StreamReader stream = await server.StreamAsync(maxTokens: 150_000);

        await server.TerminateAsync();
        string rest = await stream.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await server.WaitAsync());
        Assert.EndsWith("\"code\":\"server_stopping\"}}\n\n", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IdleServer_IsSmall()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        await using ServerProcess server = await ServerProcess.StartAsync();
        Assert.Equal("""{"status":"ok"}""", await server.Client.GetStringAsync("/health", TestContext.Current.CancellationToken));

        string line = File.ReadLines($"/proc/{server.Id}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));

        Assert.InRange(int.Parse(line["VmRSS:".Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture), 1, 150 * 1024);
    }

    [Fact]
    public async Task TwoModelsOfWhichOneFits_ServeEightClientsAtOnce()
    {
        using TemporaryFiles files = new();
        string other = files.Combine("other.gguf");
        File.Copy(Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf"), other);
        await using ServerProcess server = await ServerProcess.StartAsync("guide", other, "--max-models", "1", "-c", "512");

        int[] statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(async client =>
        {
            int last = 0;
            for (int turn = 0; turn < 4; turn++)
            {
                using HttpResponseMessage response = await server.Client.PostAsJsonAsync(
                    "/v1/completions", new { model = (client + turn) % 2 == 0 ? "guide" : "other", prompt = "Hearth", max_tokens = 8 }, TestContext.Current.CancellationToken);
                last = (int)response.StatusCode;
                Assert.Equal(200, last);
            }

            return last;
        }));

        Assert.All(statuses, status => Assert.Equal(200, status));
        (_, string loaded, _) = await HearthProcess.RunAsync(["ps", "--json", "--host", server.Host]);
        Assert.Equal(1, System.Text.Json.JsonDocument.Parse(loaded).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task PsAndStop_TellAndUnload()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("guide", "--preload", "--keep-alive", "-1");

        (int code, string table, _) = await HearthProcess.RunAsync(["ps", "--host", server.Host]);
        Assert.Equal(0, code);
        Assert.Matches(@"^MODEL +MODE +CONTEXT +MEMORY +REQUESTS +UNTIL *\r?\nguide +completion +1024 +[\d.]+ MiB +0 +Forever *\r?\n$", table);
        Assert.Equal((0, "Unloaded 1 model.\n"), Output(await HearthProcess.RunAsync(["stop", "guide", "--host", server.Host])));
        Assert.Equal((0, "No such model is loaded.\n"), Output(await HearthProcess.RunAsync(["unload", "guide", "--host", server.Host])));
        Assert.Equal((0, "No models are loaded.\n"), Output(await HearthProcess.RunAsync(["stop", "--all", "--host", server.Host])));
        Assert.Equal((0, "[]\n"), Output(await HearthProcess.RunAsync(["ps", "--json", "--host", server.Host])));
    }

    [Fact]
    public async Task Preload_LoadsWhatFitsAndSaysWhatDoesNot()
    {
        using TemporaryFiles files = new();
        string other = files.Combine("other.gguf");
        File.Copy(Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf"), other);
        await using ServerProcess server = await ServerProcess.StartAsync("guide", other, "--max-models", "1", "--preload");

        Assert.Matches("^hearth: 'other' does not fit", await server.ReadErrorLineAsync());
        (_, string table, _) = await HearthProcess.RunAsync(["ps", "--host", server.Host]);
        Assert.Matches("(?m)^guide +completion", table);
    }

    [Theory]
    [InlineData(1, "No server answers at 127.0.0.1:1 ", "ps", "--host", "127.0.0.1:1")]
    [InlineData(1, "No server answers at unix:/no/such/socket ", "stop", "--all", "--host", "unix:/no/such/socket")]
    [InlineData(2, "is not the address of a server", "ps", "--host", "ftp://somewhere")]
    [InlineData(2, "Say which models", "stop")]
    public async Task ServerThatIsNotThere_IsOneLine(int expected, string message, params string[] arguments)
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(arguments);

        Assert.Equal((expected, string.Empty), (code, output));
        Assert.StartsWith("hearth: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static (int Code, string Output) Output((int Code, string Output, string Error) result) =>
        (result.Code, result.Output.Replace("\r", string.Empty, StringComparison.Ordinal));
}
