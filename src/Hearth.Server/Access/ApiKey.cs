using System.Security.Cryptography;
using System.Text;
using Hearth.Server.Errors;

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

    /// <summary>What it is for; null for everything, as keys were before there were scopes.</summary>
    public IReadOnlyList<KeyScope>? Scopes { get; init; }

    /// <summary>A new random key.</summary>
    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Whether it is for one of some scopes.</summary>
    public bool Allows(params IReadOnlyList<KeyScope> anyOf) => Scopes is null || Scopes.Contains(KeyScope.Admin) || Scopes.Any(anyOf.Contains);

    /// <summary>Makes sure that it is for one of some scopes.</summary>
    /// <param name="what">What is asked for.</param>
    /// <param name="anyOf">The scopes.</param>
    /// <exception cref="ApiException">It is not.</exception>
    internal void Demand(string what, params IReadOnlyList<KeyScope> anyOf)
    {
        if (!Allows(anyOf))
        {
            string message = $"The key '{Name}' is not for {what}: that needs the scope {Join(" or ", anyOf)}, and it has {(Scopes is { Count: > 0 } ? Join(", ", Scopes) : "none")}. "
                + $"'hearth keys create NAME --scope {KeyScopes.NameOf(anyOf[0])}' makes one that is.";
            throw new ApiException(403, "permission_error", message, null, "insufficient_scope");
        }
    }

    private static string Join(string between, IEnumerable<KeyScope> scopes) => string.Join(between, scopes.Select(scope => $"'{KeyScopes.NameOf(scope)}'"));

    /// <summary>The hash of a key.</summary>
    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
