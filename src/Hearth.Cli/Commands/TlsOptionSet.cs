using System.CommandLine;
using Hearth.Cli.Configuration;
using Hearth.Server;
using Hearth.Server.Access;

namespace Hearth.Cli.Commands;

/// <summary>The options of a server that encrypt its connections.</summary>
internal sealed class TlsOptionSet
{
    private readonly Option<string?> _certificate = new("--tls-certificate")
    {
        Description = "The server's certificate, for https: PEM, followed by those of authorities in between, or PKCS#12; a renewed file counts at once",
        HelpName = "FILE",
    };

    private readonly Option<string?> _key = new("--tls-key") { Description = "The certificate's private key in PEM [default: in the file of the certificate]", HelpName = "FILE" };
    private readonly Option<string?> _password = new("--tls-password-file") { Description = "A file with the password of the key, or of the PKCS#12 file [default: there is none]", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Options.Add(_certificate);
        command.Options.Add(_key);
        command.Options.Add(_password);
    }

    /// <summary>What to encrypt with; null for nothing.</summary>
    /// <exception cref="CliUsageException">The options make no sense together.</exception>
    public TlsOptions? Read(ParseResult parsed, CliContext context, IReadOnlyList<ListenAddress> addresses)
    {
        ProgramConfiguration configuration = new(context);
        string? certificate = configuration.Get(parsed, _certificate, texts => texts[^1]);
        string? key = configuration.Get(parsed, _key, texts => texts[^1]);
        string? password = configuration.Get(parsed, _password, texts => texts[^1]);
        return certificate is null
            ? key is null && password is null ? null : throw new CliUsageException($"{(key is null ? _password.Name : _key.Name)} is of no use without {_certificate.Name}.")
            : addresses.Any(address => address.HasNetwork) ? new TlsOptions(certificate) { KeyFile = key, PasswordFile = password }
            : throw new CliUsageException($"{_certificate.Name} is of no use where only sockets of files are listened to; add an address with --listen.");
    }

    /// <summary>What a server that is started here without options encrypts with; null for nothing.</summary>
    public static TlsOptions? Configured(CliContext context)
    {
        ProgramConfiguration configuration = new(context);
        return Find(ProgramSettingTable.TlsCertificate) is string certificate
            ? new TlsOptions(certificate) { KeyFile = Find(ProgramSettingTable.TlsKey), PasswordFile = Find(ProgramSettingTable.TlsPasswordFile) }
            : null;

        string? Find(ProgramSetting setting) => configuration.Find(setting) is { Texts: [string text, ..] } ? text : null;
    }
}
