using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hearth.Server.Logging;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Server.Access;

/// <summary>
/// The certificate that the server shows. Its files are looked at with each new connection, so that a renewed one counts without a restart; one that
/// cannot be used leaves the old one in force.
/// </summary>
public sealed class TlsCertificate
{
    private const string PemMark = "-----BEGIN ";
    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private string _stamp;
    private SslServerAuthenticationOptions _current;

    /// <summary>Reads the files.</summary>
    /// <param name="options">The files.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TlsFileException">One of them cannot be used.</exception>
    public TlsCertificate(TlsOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _stamp = Stamp();
        _current = Load();
    }

    /// <summary>The certificate alone, as clients see it.</summary>
    /// <exception cref="TlsFileException">A file cannot be used.</exception>
    public static X509Certificate2 Read(TlsOptions options) => ReadAll(options).Leaf;

    /// <summary>Makes connections of a listener encrypted: TLS 1.2 or newer, and HTTP/1.1 in it, whose limits on slow clients Hearth knows.</summary>
    internal void Protect(ListenOptions listen, TimeSpan handshakeTimeout, ILogger log)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(EndOldVersionsQuietly);
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = handshakeTimeout,
            OnConnection = _ => ValueTask.FromResult(Current(log)),
        });
    }

    // SslStream does not ask for a certificate when a client speaks old versions only, and then misses it.
    private static ConnectionDelegate EndOldVersionsQuietly(ConnectionDelegate next) => async connection =>
    {
        try
        {
            await next(connection);
        }
        catch (NotSupportedException)
        {
            connection.Abort();
        }
    };

    /// <summary>Warns of a certificate that is not valid now.</summary>
    internal void WarnIfNotValid(ILogger log)
    {
        X509Certificate2 leaf = _current.ServerCertificateContext!.TargetCertificate;
        DateTime now = _time.GetUtcNow().UtcDateTime;
        if (now < leaf.NotBefore.ToUniversalTime() || now > leaf.NotAfter.ToUniversalTime())
        {
            ServerLog.CertificateNotValid(log, _options.CertificateFile, leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime());
        }
    }

    private SslServerAuthenticationOptions Current(ILogger log)
    {
        lock (_gate)
        {
            string stamp = Stamp();
            if (stamp != _stamp)
            {
                _stamp = stamp;
                try
                {
                    _current = Load();
                    ServerLog.CertificateRenewed(log, _options.CertificateFile);
                    WarnIfNotValid(log);
                }
                catch (TlsFileException exception)
                {
                    ServerLog.CertificateKept(log, exception.Message);
                }
            }

            return _current;
        }
    }

    // By handles, which follow links: what is mounted into containers is renewed by changing where a link leads.
    private string Stamp() => string.Join('|', new[] { _options.CertificateFile, _options.KeyFile, _options.PasswordFile }.OfType<string>().Select(path =>
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            return $"{RandomAccess.GetLength(file)} {File.GetLastWriteTimeUtc(file).Ticks}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }));

    private SslServerAuthenticationOptions Load()
    {
        (X509Certificate2 leaf, X509Certificate2Collection others) = ReadAll(_options);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, others, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) ReadAll(TlsOptions options)
    {
        byte[] content = ReadFile(options.CertificateFile);
        string? password = options.PasswordFile is string file ? Encoding.UTF8.GetString(ReadFile(file)).TrimEnd('\r', '\n') : null;
        string text = Encoding.UTF8.GetString(content);
        try
        {
            return text.Contains(PemMark, StringComparison.Ordinal) ? ReadPem(options, text, password) : ReadPkcs12(options, content, password);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new TlsFileException($"The certificate in '{options.CertificateFile}' cannot be used: {exception.Message}", exception);
        }
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) ReadPem(TlsOptions options, string text, string? password)
    {
        string keyFile = options.KeyFile ?? options.CertificateFile;
        string key = options.KeyFile is null ? text : Encoding.UTF8.GetString(ReadFile(options.KeyFile));
        bool isEncrypted = key.Contains($"{PemMark}ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);
        if (!isEncrypted && !key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new TlsFileException($"'{keyFile}' has no private key{(options.KeyFile is null ? ": name its file with --tls-key" : string.Empty)}.");
        }

        if (isEncrypted && password is null)
        {
            throw new TlsFileException($"The private key in '{keyFile}' is encrypted: name the file with its password with --tls-password-file.");
        }

        X509Certificate2 leaf = isEncrypted ? X509Certificate2.CreateFromEncryptedPem(text, key, password) : X509Certificate2.CreateFromPem(text, key);
        X509Certificate2Collection others = [];
        others.ImportFromPem(text);

        // Windows' TLS takes no key that is in memory only.
        return (OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null) : leaf, others);
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) ReadPkcs12(TlsOptions options, byte[] content, string? password)
    {
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(content, password);
        }
        catch (CryptographicException exception)
        {
            throw new TlsFileException($"'{options.CertificateFile}' is neither a certificate in PEM nor a PKCS#12 file that {(password is null ? "opens without a password" : $"the password in '{options.PasswordFile}' opens")}.", exception);
        }

        return options.KeyFile is not null ? throw new TlsFileException($"'{options.CertificateFile}' is a PKCS#12 file, which has its key itself: leave out --tls-key.")
            : (all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new TlsFileException($"'{options.CertificateFile}' has no private key."), all);
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TlsFileException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
