using System.Net;
using Hearth.Store.References;
using Hearth.Store.Registries.Http;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>Says why Hugging Face does not give a repository, and what to do.</summary>
/// <param name="endpoint">Hugging Face's address.</param>
/// <param name="hasToken">Whether it was shown a token.</param>
internal sealed class HubErrors(Uri endpoint, bool hasToken)
{
    /// <summary>The exception of an answer of status 401, 403 or 404. <c>X-Error-Code</c> says more than the status.</summary>
    public RegistryException Of(HttpResponseMessage response, ModelReference reference)
    {
        string? code = response.Headers.TryGetValues("X-Error-Code", out IEnumerable<string>? codes) ? codes.FirstOrDefault() : null;
        return (response.StatusCode, code) switch
        {
            (_, "GatedRepo") => Gated(reference.Repository),
            (_, "RevisionNotFound") => NotFound($"'{reference.Repository}' has no branch, tag or commit '{reference.Revision ?? "main"}'."),
            (HttpStatusCode.NotFound, _) or (_, "RepoNotFound") => NotFound(hasToken
                ? $"Hugging Face has no repository '{reference.Repository}', or it is private and the token does not give access to it."
                : $"Hugging Face has no repository '{reference.Repository}', or it is private; for one of your own set HF_TOKEN."),
            (HttpStatusCode.Unauthorized, _) => Unauthorized(hasToken
                ? $"Hugging Face does not accept the token that it was sent; make a new one at {Page("settings/tokens")} and set HF_TOKEN."
                : $"Hugging Face asks for a token for '{reference.Repository}': make one at {Page("settings/tokens")} and set HF_TOKEN."),
            _ => Unauthorized($"Hugging Face refuses access to '{reference.Repository}'{(hasToken ? " with this token" : "; set HF_TOKEN")}."),
        };
    }

    /// <summary>The exception of a repository whose conditions have to be accepted.</summary>
    public RegistryException Gated(string repository, Exception? inner = null)
    {
        string accept = $"accept the conditions at {Page(repository)}";
        return Unauthorized(
            hasToken
                ? $"'{repository}' is gated, and the token gives no access yet: {accept}, and see that the token may read gated repositories."
                : $"'{repository}' is gated: {accept}, then set HF_TOKEN.",
            inner);
    }

    private static RegistryException NotFound(string message) => new(RegistryErrorKind.NotFound, message);

    private static RegistryException Unauthorized(string message, Exception? inner = null) => new(RegistryErrorKind.Unauthorized, message, inner);

    private string Page(string path) => $"{RegistryHttp.Redact(endpoint).TrimEnd('/')}/{path}";
}
