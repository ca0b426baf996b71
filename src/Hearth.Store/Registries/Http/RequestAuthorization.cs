using System.Net.Http.Headers;

namespace Hearth.Store.Registries.Http;

/// <summary>The credentials of requests to one origin. They are shown to no other, wherever it redirects to.</summary>
/// <param name="origin">The scheme, host and port that may see them.</param>
internal abstract class RequestAuthorization(Uri origin)
{
    /// <summary>Whether an address may see them.</summary>
    public bool AppliesTo(Uri address) => RegistryHttp.IsSameOrigin(origin, address);

    /// <summary>What to tell people where the credentials are not enough; null for what goes without saying.</summary>
    public virtual string? Note => null;

    /// <summary>What to send; null for nothing.</summary>
    public abstract ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellationToken);

    /// <summary>Answers a response of status 401.</summary>
    /// <returns>Whether there is something else to send now.</returns>
    public virtual ValueTask<bool> AnswerAsync(HttpResponseMessage refused, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

/// <summary>A token that is sent without being asked for.</summary>
internal sealed class TokenAuthorization(Uri origin, string token) : RequestAuthorization(origin)
{
    public override ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<AuthenticationHeaderValue?>(new AuthenticationHeaderValue("Bearer", token));
}
