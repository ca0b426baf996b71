using System.Net.Security;
using Hearth.Cli.Commands;
using Hearth.Cli.Configuration;
using Hearth.Server.Access;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;

namespace Hearth.Cli.Remote;

/// <summary>
/// Which certificates of servers are trusted: those of the system's authorities and of <c>HEARTH_CA_FILE</c>, and the very certificate that a server here
/// is set up with, under whatever name it is asked.
/// </summary>
internal static class ServerTrust
{
    /// <summary>A handler of requests to a server.</summary>
    /// <exception cref="RegistryException">The file of authorities cannot be read.</exception>
    public static SocketsHttpHandler CreateHandler(Uri url, CliContext context)
    {
        SocketsHttpHandler handler = new();
        if (url.Scheme == Uri.UriSchemeHttps)
        {
            string? authorities = new ProgramConfiguration(context).Find(ProgramSettingTable.AuthorityFile) is { Texts: [string file, ..] } ? file : null;
            handler.SslOptions = CertificateTrust.Create(url, new RegistryOptions { CertificateFile = authorities }, insecure: false);
            RemoteCertificateValidationCallback check = handler.SslOptions.RemoteCertificateValidationCallback!;
            byte[]? own = ReadOwn(context);
            handler.SslOptions.RemoteCertificateValidationCallback = (sender, shown, chain, errors) =>
                (own is not null && shown?.GetRawCertData().AsSpan().SequenceEqual(own) == true) || check(sender, shown, chain, errors);
        }

        return handler;
    }

    private static byte[]? ReadOwn(CliContext context)
    {
        try
        {
            return TlsOptionSet.Configured(context) is TlsOptions own ? TlsCertificate.Read(own).RawData : null;
        }
        catch (TlsFileException)
        {
            // Not this user's: then it is trusted only if an authority vouches for it.
            return null;
        }
    }
}
