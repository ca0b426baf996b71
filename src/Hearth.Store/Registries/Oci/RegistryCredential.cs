using System.Net.Http.Headers;
using System.Text;
using Hearth.Store.Registries.Http;

namespace Hearth.Store.Registries.Oci;

/// <summary>Who one is to a registry.</summary>
/// <param name="User">The user.</param>
/// <param name="Password">The password, or a token in its place.</param>
internal sealed record RegistryCredential(string User, string Password)
{
    /// <summary>A token that others are got with, in place of user and password; null for none.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>User and password as they are sent (RFC 7617).</summary>
    public AuthenticationHeaderValue Basic => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));

    // Nothing of it gets into messages.
    public override string ToString() => nameof(RegistryCredential);
}

/// <summary>User and password, sent to one origin without being asked for.</summary>
internal sealed class BasicAuthorization(Uri origin, RegistryCredential credential) : RequestAuthorization(origin)
{
    public override ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult<AuthenticationHeaderValue?>(credential.Basic);
}
