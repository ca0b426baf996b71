namespace Hearth.Server.Access;

/// <summary>What the server proves to be itself with.</summary>
/// <param name="CertificateFile">Its certificate, with those of authorities between it and a root: PEM, or PKCS#12 with the key.</param>
public sealed record TlsOptions(string CertificateFile)
{
    /// <summary>The certificate's key, in PEM; null where the certificate's file has it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>A file with the password of the key, or of the PKCS#12 file; null for none.</summary>
    public string? PasswordFile { get; init; }
}
