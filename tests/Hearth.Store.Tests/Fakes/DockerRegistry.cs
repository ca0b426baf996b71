using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hearth.Store.Tests.Fakes;

/// <summary>Debian's <c>docker-registry</c> on a free port of this machine; a test is skipped where it is not installed.</summary>
internal sealed class DockerRegistry : IDisposable
{
    public const string User = "user";
    public const string Password = "secret";
    private const string Hash = "$2y$05$ewsetSiJLLp8ASU7NroDK.VSWYQj/W0J0pnakCJd6guVEroeW.cHS";
    private const int Attempts = 5;
    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    private DockerRegistry(TestCertificates? certificates, bool hasPassword)
    {
        Port = FreePort();
        StringBuilder config = new();
        config.Append($"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {_folder["data"]}\nhttp:\n  addr: 127.0.0.1:{Port}\n");
        if (certificates is not null)
        {
            config.Append($"  tls:\n    certificate: {certificates.ServerFile}\n    key: {certificates.KeyFile}\n");
        }

        if (hasPassword)
        {
            File.WriteAllText(_folder["passwords"], $"{User}:{Hash}\n");
            config.Append($"auth:\n  htpasswd:\n    realm: test\n    path: {_folder["passwords"]}\n");
        }

        File.WriteAllText(_folder["config.yml"], config.ToString());
        _process = Process.Start(new ProcessStartInfo(Find("docker-registry"), ["serve", _folder["config.yml"]]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    public string Host => $"localhost:{Port}";

    public static async Task<DockerRegistry> StartAsync(TestCertificates? certificates = null, bool hasPassword = false)
    {
        for (int attempt = 1; ; attempt++)
        {
            DockerRegistry registry = new(certificates, hasPassword);
            if (await registry.IsReadyAsync())
            {
                return registry;
            }

            registry.Dispose();
            Assert.True(attempt < Attempts, "docker-registry does not start.");
        }
    }

    /// <summary>The path of a program; skips the test without it.</summary>
    public static string Find(string program)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"'{program}' is not installed.");
        return path;
    }

    /// <summary>What a program prints.</summary>
    public static async Task<byte[]> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Find(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using MemoryStream output = new();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} fails: {await errors}");
        return output.ToArray();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _folder.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // Somebody else may have taken the port: then the registry ends.
    private async Task<bool> IsReadyAsync()
    {
        while (!_process.HasExited)
        {
            try
            {
                using TcpClient client = new();
                await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        return false;
    }
}
