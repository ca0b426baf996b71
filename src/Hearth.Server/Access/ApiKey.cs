using System.Security.Cryptography;
using System.Text;

namespace Hearth.Server.Access;

/// <summary>What is kept of an API key: never the key itself.</summary>
/// <param name="Name">What the key is called.</param>
/// <param name="Hash">The SHA-256 of the key, in hexadecimal digits; keys are random, so it tells nothing of them.</param>
/// <param name="Created">When it was made.</param>
public sealed record ApiKey(string Name, string Hash, DateTimeOffset Created)
{
    private const string Prefix = "hearth-";
    private const int SecretBytes = 32;

    /// <summary>Requests in a minute; null for any number.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens in a minute, read and made; null for any number.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Tokens in a day; null for any number.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>A new random key.</summary>
    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>The hash of a key.</summary>
    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
