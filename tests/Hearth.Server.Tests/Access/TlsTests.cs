using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Store.Tests.Fakes;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.Access;

/// <summary>Connections that are encrypted, and the files that they need.</summary>
public sealed class TlsTests : IAsyncDisposable
{
    private readonly TestCertificates _first = new();
    private readonly TestCertificates _second = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelHost _host = new();
    private WebApplication? _app;

    private string Certificate => Path.Combine(_folder.FullName, "server.pem");

    private string Key => Path.Combine(_folder.FullName, "key.pem");

    private int Port => new Uri(_app!.Urls.First()).Port;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _host.Dispose();
        _first.Dispose();
        _second.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("pem")]
    [InlineData("pem with key")]
    [InlineData("encrypted pem")]
    [InlineData("pkcs12")]
    [InlineData("encrypted pkcs12")]
    public async Task Server_ShowsItsCertificate(string form)
    {
        await StartAsync(Write(form));

        Assert.StartsWith("https://", _app!.Urls.First(), StringComparison.Ordinal);
        Assert.Equal(_first.Server.Thumbprint, await ThumbprintAsync());
        using HttpClient client = Client();
        Assert.Contains("ok", await client.GetStringAsync("/health", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable CA5397, SYSLIB0039 // What must not be spoken.
    [InlineData(SslProtocols.Tls11, false)]
    [InlineData(SslProtocols.Tls, false)]
#pragma warning restore CA5397, SYSLIB0039
    public async Task OldVersions_AreNotSpoken(SslProtocols version, bool isSpoken)
    {
        await StartAsync(Write("pem"));

        Exception? problem = await Record.ExceptionAsync(() => ThumbprintAsync(version));

        Assert.Equal(isSpoken, problem is null);
    }

    [Fact]
    public async Task RequestWithoutEncryption_IsNotAnswered()
    {
        await StartAsync(Write("pem"));
        using RawConnection connection = await RawConnection.OpenAsync(null, Port);

        await connection.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.DoesNotContain("HTTP/1.1 200", await connection.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandshakeThatDoesNotCome_EndsTheConnection()
    {
        await StartAsync(Write("pem"), limits: new ConnectionLimits { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        using RawConnection connection = await RawConnection.OpenAsync(null, Port);

        Assert.Empty(await connection.ReadAsync());
    }

    [Fact]
    public async Task RenewedCertificate_CountsWithoutARestart_AndABrokenOneDoesNot()
    {
        await StartAsync(Write("pem"));
        Assert.Equal(_first.Server.Thumbprint, await ThumbprintAsync());

        Replace(Certificate, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
        Assert.Equal(_first.Server.Thumbprint, await ThumbprintAsync());

        // As it is between the two files of a renewal: the key is still the old one's.
        Replace(Certificate, File.ReadAllText(_second.ServerFile));
        Assert.Equal(_first.Server.Thumbprint, await ThumbprintAsync());

        Replace(Key, File.ReadAllText(_second.KeyFile));
        Assert.Equal(_second.Server.Thumbprint, await ThumbprintAsync());

        File.Delete(Certificate);
        Assert.Equal(_second.Server.Thumbprint, await ThumbprintAsync());
        using HttpClient client = Client();
        string log = await client.GetStringAsync("/logs", TestContext.Current.CancellationToken);
        Assert.Equal(3, log.Split('\n').Count(line => line.Contains(" warn ", StringComparison.Ordinal) && line.Contains("the one before stays in force", StringComparison.Ordinal)));
        Assert.Single(log.Split('\n'), line => line.Contains("is new and counts from now on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LinkThatLeadsElsewhere_IsARenewal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        string folder = Path.Combine(_folder.FullName, "..data");
        Directory.CreateSymbolicLink(folder, Path.GetDirectoryName(_first.ServerFile)!);
        await StartAsync(new TlsOptions(Path.Combine(folder, "server.pem")) { KeyFile = Path.Combine(folder, "key.pem") });
        Assert.Equal(_first.Server.Thumbprint, await ThumbprintAsync());

        Directory.Delete(folder);
        File.SetLastWriteTimeUtc(_second.ServerFile, DateTime.UtcNow.AddSeconds(2));
        Directory.CreateSymbolicLink(folder, Path.GetDirectoryName(_second.ServerFile)!);

        Assert.Equal(_second.Server.Thumbprint, await ThumbprintAsync());
    }

    [Theory]
    [InlineData("missing", "cannot be read")]
    [InlineData("no key", "has no private key: name its file with --tls-key")]
    [InlineData("key of another", "cannot be used")]
    [InlineData("encrypted without password", "is encrypted: name the file with its password with --tls-password-file")]
    [InlineData("wrong password", "cannot be used")]
    [InlineData("wrong password of pkcs12", "that the password in")]
    [InlineData("pkcs12 and key", "leave out --tls-key")]
    [InlineData("nonsense", "is neither a certificate in PEM nor a PKCS#12 file")]
    public void FilesThatCannotBeUsed_AreErrorsAtTheStart(string form, string message)
    {
        TlsFileException exception = Assert.Throws<TlsFileException>(() => HearthServer.Create(_host, new HearthServerOptions { Tls = Write(form) }));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.FullName, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SocketOfAFile_IsNotEncrypted()
    {
        string path = Path.Combine(_folder.FullName, "s");
        await StartAsync(Write("pem"), $"unix:{path}");
        using RawConnection connection = await RawConnection.OpenAsync(path);

        await connection.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ConnectsOverTls()
    {
        await StartAsync(Write("pem"));
        using ClientWebSocket socket = new();
        socket.Options.RemoteCertificateValidationCallback = IsKnown;
        socket.Options.SetRequestHeader("Origin", $"https://127.0.0.1:{Port}");

        await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{Port}/_blazor"), TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        byte[] answer = new byte[64];
        WebSocketReceiveResult received = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);

        Assert.Equal("{}\u001e", Encoding.UTF8.GetString(answer, 0, received.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
    }

    private static void Replace(string path, string text)
    {
        DateTime before = File.GetLastWriteTimeUtc(path);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, before.AddSeconds(1));
    }

    private TlsOptions Write(string form)
    {
        const string Secret = "secret";
        string passwordFile = Path.Combine(_folder.FullName, "password"), pkcs12 = Path.Combine(_folder.FullName, "server.p12");
        string certificate = File.ReadAllText(_first.ServerFile), key = File.ReadAllText(_first.KeyFile);
        using ECDsa parsed = ECDsa.Create();
        parsed.ImportFromPem(key);
        using X509Certificate2 both = X509Certificate2.CreateFromPem(certificate, key);
        string encrypted = parsed.ExportEncryptedPkcs8PrivateKeyPem(Secret, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        bool isPkcs12 = form.Contains("pkcs12", StringComparison.Ordinal);
        File.WriteAllText(Certificate, form switch
        {
            "pem with key" => $"{certificate}\n{key}",
            "nonsense" => "nonsense",
            _ => certificate,
        });
        File.WriteAllText(Key, form switch
        {
            "encrypted pem" or "encrypted without password" or "wrong password" => encrypted,
            "key of another" => File.ReadAllText(_second.KeyFile),
            _ => key,
        });
        File.WriteAllBytes(pkcs12, both.Export(X509ContentType.Pkcs12, form is "pkcs12" or "pkcs12 and key" ? null : Secret));
        File.WriteAllText(passwordFile, form.StartsWith("wrong", StringComparison.Ordinal) ? "wrong" : Secret + "\n");
        bool hasKeyFile = form is "pem" or "encrypted pem" or "encrypted without password" or "wrong password" or "key of another" or "pkcs12 and key";
        return new TlsOptions(form == "missing" ? Path.Combine(_folder.FullName, "missing") : isPkcs12 ? pkcs12 : Certificate)
        {
            KeyFile = hasKeyFile ? Key : null,
            PasswordFile = form is "encrypted pem" or "encrypted pkcs12" or "wrong password" or "wrong password of pkcs12" ? passwordFile : null,
        };
    }

    private bool IsKnown(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors) =>
        shown is not null && new[] { _first, _second }.Any(certificates => certificates.Server.RawData.AsSpan().SequenceEqual(shown.GetRawCertData()));

    private HttpClient Client() => new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = IsKnown } }) { BaseAddress = new Uri($"https://127.0.0.1:{Port}") };

    private async Task<string> ThumbprintAsync(SslProtocols version = SslProtocols.None)
    {
        using TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", Port, TestContext.Current.CancellationToken);
        await using SslStream stream = new(client.GetStream(), leaveInnerStreamOpen: false, IsKnown);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version }, TestContext.Current.CancellationToken);
        return ((X509Certificate2)stream.RemoteCertificate!).Thumbprint;
    }

    private async Task StartAsync(TlsOptions tls, string listen = "127.0.0.1:0", ConnectionLimits? limits = null)
    {
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse(listen)], Tls = tls, Connections = limits ?? new ConnectionLimits() });
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }
}
