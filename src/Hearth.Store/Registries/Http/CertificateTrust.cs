using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Hearth.Store.Registries.Http;

/// <summary>Whom to trust beside the system's authorities: those of <see cref="RegistryOptions.CertificateFile"/>, and those that Docker was given for a registry.</summary>
public static class CertificateTrust
{
    /// <summary>Makes the check of a registry's certificates, or of another server's.</summary>
    /// <param name="origin">The registry.</param>
    /// <param name="options">Where its authorities are.</param>
    /// <param name="insecure">Whether the registry itself may show any certificate.</param>
    /// <exception cref="RegistryException">The file cannot be read.</exception>
    public static SslClientAuthenticationOptions Create(Uri origin, RegistryOptions options, bool insecure)
    {
        X509Certificate2Collection general = options.CertificateFile is string file ? Load([file]) : [];
        X509Certificate2Collection own = Load(DockerFiles(origin));
        return new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            {
                string host = ((SslStream)sender).TargetHostName;
                bool isOrigin = host.Equals(origin.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);
                bool isTrusted = errors == SslPolicyErrors.None || isOrigin && insecure
                    || errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 leaf && chain is not null
                    && IsTrusted(leaf, chain, isOrigin ? [.. general, .. own] : general);
                return isTrusted ? true : throw Untrusted(host, errors);
            },
        };
    }

    private static RegistryException Untrusted(string host, SslPolicyErrors errors) => new(
        RegistryErrorKind.Refused,
        errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"'{host}' shows a certificate of another host."
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? $"'{host}' shows no certificate."
        : $"'{host}' shows a certificate that no authority known here vouches for, or that is not valid now. If it is one of your own, name its authority's file in $HEARTH_CA_FILE.");

    private static bool IsTrusted(X509Certificate2 leaf, X509Chain sent, X509Certificate2Collection authorities)
    {
        if (authorities.Count == 0)
        {
            return false;
        }

        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        return chain.Build(leaf);
    }

    private static X509Certificate2Collection Load(IEnumerable<string> files)
    {
        X509Certificate2Collection certificates = [];
        foreach (string file in files)
        {
            try
            {
                certificates.ImportFromPemFile(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw new RegistryException(RegistryErrorKind.Refused, $"The certificates in '{file}' cannot be read: {exception.Message}", exception);
            }
        }

        return certificates;
    }

    private static IEnumerable<string> DockerFiles(Uri origin)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        string[] roots = OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "docker", "certs.d"), Path.Combine(home, ".docker", "certs.d")]
            : ["/etc/docker/certs.d", Path.Combine(home, ".docker", "certs.d")];
        string[] names = origin.IsDefaultPort ? [origin.Host, $"{origin.Host}:{origin.Port}"] : [origin.Authority];
        return from root in roots
               from name in names
               let folder = Path.Combine(root, OperatingSystem.IsWindows() ? name.Replace(":", string.Empty, StringComparison.Ordinal) : name)
               where Directory.Exists(folder)
               from file in Directory.EnumerateFiles(folder, "*.crt").Order(StringComparer.Ordinal)
               select file;
    }
}
