using System.Text.Json;
using Hearth.Server;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Store.Tests.Fakes;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Cli.Tests.Remote;

/// <summary>Commands that ask a server over https, and whose certificates they trust.</summary>
public sealed class EncryptedServerTests : IAsyncLifetime
{
    private readonly TestCertificates _certificates = new();
    private readonly TestCertificates _others = new();
    private readonly TestCli _cli = new();
    private readonly ModelHost _host = new();
    private readonly WebApplication _app;

    public EncryptedServerTests() => _app = HearthServer.Create(_host, new HearthServerOptions
    {
        Listen = [ListenAddress.Parse("127.0.0.1:0")],
        Tls = new TlsOptions(_certificates.ServerFile) { KeyFile = _certificates.KeyFile },
    });

    private string Url => _app.Urls.First();

    private string Address => new Uri(Url).Authority;

    public async ValueTask InitializeAsync() => await _app.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _host.Dispose();
        _cli.Dispose();
        _certificates.Dispose();
        _others.Dispose();
    }

    [Fact]
    public async Task CertificateThatNobodyVouchesFor_IsNotTrusted()
    {
        (int code, _, string error) = await _cli.RunAsync("status", "--host", Url);

        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("no authority known here vouches for", error, StringComparison.Ordinal);
        Assert.Contains("HEARTH_CA_FILE", error, StringComparison.Ordinal);
        (code, string findings, _) = await _cli.RunAsync("status", "--json", "--host", Url);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("no authority known here vouches for", JsonDocument.Parse(findings).RootElement.GetProperty("findings")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuthorityOfOnesOwn_IsTrusted()
    {
        string output = await _cli.With($"HEARTH_CA_FILE={_certificates.AuthorityFile}", $"HEARTH_HOST={Url}").OutputOfAsync("status");

        Assert.Contains($"Hearth is running at {Url}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherAuthority_IsNotTrusted()
    {
        (int code, _, _) = await _cli.With($"HEARTH_CA_FILE={_others.AuthorityFile}").RunAsync("ps", "--host", Url);

        Assert.Equal(ExitCode.Failure, code);
    }

    [Theory]
    [InlineData(true, ExitCode.Success)]
    [InlineData(false, ExitCode.Failure)]
    public async Task ServerThatIsSetUpHere_IsAskedOverHttps_AndKnownByItsCertificate(bool isIts, int expected)
    {
        TestCertificates configured = isIts ? _certificates : _others;
        _cli.With($"HEARTH_LISTEN={Address}", $"HEARTH_TLS_CERTIFICATE={configured.ServerFile}", $"HEARTH_TLS_KEY={configured.KeyFile}");

        (int code, string output, string error) = await _cli.RunAsync("status");

        Assert.Equal(expected, code);
        Assert.Contains(isIts ? $"Hearth is running at https://{Address}" : "no authority known here vouches for", isIts ? output : error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--tls-key is of no use without --tls-certificate", "--tls-key", "KEY")]
    [InlineData("--tls-password-file is of no use without --tls-certificate", "--tls-password-file", "KEY")]
    [InlineData("--tls-certificate is of no use where only sockets of files are listened to", "--tls-certificate", "CERTIFICATE", "--listen", "unix:/tmp/hearth-test-unused")]
    public async Task Options_ThatMakeNoSenseAreRefused(string message, params string[] options)
    {
        (int code, _, string error) = await _cli.RunAsync(["serve", .. options.Select(option => option.Replace("KEY", _certificates.KeyFile, StringComparison.Ordinal).Replace("CERTIFICATE", _certificates.ServerFile, StringComparison.Ordinal))]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variable_ThatNamesNoFileIsRefused()
    {
        (int code, _, string error) = await _cli.With("HEARTH_TLS_CERTIFICATE=/nowhere.pem").RunAsync("serve");

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("HEARTH_TLS_CERTIFICATE: the file '/nowhere.pem' is not there.", error, StringComparison.Ordinal);
    }
}
