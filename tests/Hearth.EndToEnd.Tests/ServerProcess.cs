using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Hearth.EndToEnd.Tests;

/// <summary>A running <c>hearth serve</c> on a free port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private const int MostKeptLines = 200;
    private readonly Process _process;
    private readonly Queue<string> _kept = new();

    private ServerProcess(Process process, Uri url, HttpMessageHandler handler)
    {
        _process = process;
        Host = url.Authority;
        Client = new HttpClient(handler) { BaseAddress = url, Timeout = TimeSpan.FromMinutes(2) };
    }

    public int Id => _process.Id;

    /// <summary>The address, as <c>--host</c> takes it.</summary>
    public string Host { get; }

    public HttpClient Client { get; }

    public static Task<ServerProcess> StartAsync(params string[] arguments) => StartInAsync(null, arguments);

    /// <summary>Starts it with a folder of its own for what it keeps.</summary>
    public static Task<ServerProcess> StartInAsync(string? home, params string[] arguments) => StartInAsync(home, new Dictionary<string, string>(), arguments);

    /// <summary>Starts it with a folder of its own for what it keeps, and variables of its own.</summary>
    public static async Task<ServerProcess> StartInAsync(string? home, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        Process process = HearthProcess.StartIn(home, environment, ["serve", "--listen", "127.0.0.1:0", .. arguments]);
        return new ServerProcess(process, await ReadAddressAsync(process), new SocketsHttpHandler());
    }

    /// <summary>Starts it by another program; the client asks by a socket of the file system, which leads into a network of its own, too.</summary>
    /// <param name="command">That program and its arguments.</param>
    /// <param name="environment">Variables for it.</param>
    /// <param name="home">The folder for what it keeps.</param>
    /// <param name="listen">Where it listens beside the socket.</param>
    /// <param name="arguments">The other arguments.</param>
    public static async Task<ServerProcess> StartByAsync(string[] command, IReadOnlyDictionary<string, string> environment, string home, string listen, params string[] arguments)
    {
        string socket = Path.Combine(Directory.CreateDirectory(home).FullName, "test.sock");
        Process process = HearthProcess.StartBy(command, environment, home, ["serve", "--listen", listen, "--listen", "unix:" + socket, .. arguments]);
        return new ServerProcess(process, await ReadAddressAsync(process), new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await client.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(client, ownsSocket: true);
            },
        });
    }

    private static async Task<Uri> ReadAddressAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is string line
            ? new Uri(line["Listening on ".Length..])
            : throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));

    /// <summary>A stream whose first event has come.</summary>
    public async Task<StreamReader> StreamAsync(int maxTokens)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions")
        {
            Content = JsonContent.Create(new { prompt = "Hearth", stream = true, ignore_eos = true, max_tokens = maxTokens }),
        };
        HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        StreamReader reader = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith("data: ", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        return reader;
    }

    /// <summary>The next line of what it says of failures.</summary>
    public Task<string?> ReadErrorLineAsync() => _process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();

    /// <summary>What it has said since <see cref="KeepOutput"/>; the last lines of it.</summary>
    public string KeptOutput
    {
        get
        {
            lock (_kept)
            {
                return string.Join('\n', _kept);
            }
        }
    }

    /// <summary>Reads all that it says from now on, so that it never waits for a reader.</summary>
    public void KeepOutput()
    {
        _ = KeepAsync(_process.StandardOutput);
        _ = KeepAsync(_process.StandardError);

        async Task KeepAsync(StreamReader said)
        {
            while (await said.ReadLineAsync() is string line)
            {
                lock (_kept)
                {
                    _kept.Enqueue(line);
                    if (_kept.Count > MostKeptLines)
                    {
                        _kept.Dequeue();
                    }
                }
            }
        }
    }

    /// <summary>Tells it to end, and gives what it has said of failures since it was started or last asked.</summary>
    public async Task<string> TerminateAndReadErrorsAsync()
    {
        await TerminateAsync();
        return await _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Tells it to end, and gives all that it has printed since it was started or last asked.</summary>
    public async Task<string> TerminateAndReadAllAsync()
    {
        Task<string> errors = TerminateAndReadErrorsAsync();
        return await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
    }

    /// <summary>Tells it to end.</summary>
    public async Task TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it in the middle of whatever it does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for its end and gives its exit code.</summary>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
