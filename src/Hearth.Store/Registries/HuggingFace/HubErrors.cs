using System.Net;
using Hearth.Store.References;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>Says why Hugging Face does not give a repository, and what to do.</summary>
internal static class HubErrors
{
    /// <summary>The exception of an answer of status 401, 403 or 404. <c>X-Error-Code</c> says more than the status.</summary>
    public static RegistryException Of(HttpResponseMessage response, Uri endpoint, ModelReference reference, bool hasToken)
    {
        string? code = response.Headers.TryGetValues("X-Error-Code", out IEnumerable<string>? codes) ? codes.FirstOrDefault() : null;
        return (response.StatusCode, code) switch
        {
            (_, "GatedRepo") => Gated(endpoint, reference.Repository, hasToken),
            (_, "RevisionNotFound") => new RegistryException(RegistryErrorKind.NotFound, $"'{reference.Repository}' has no branch, tag or commit '{reference.Revision ?? "main"}'."),
            (HttpStatusCode.NotFound, _) or (_, "RepoNotFound") => new RegistryException(
                RegistryErrorKind.NotFound,
                $"Hugging Face has no repository '{reference.Repository}', or it is private{(hasToken ? " and the token does not give access to it" : "; for one of your own set HF_TOKEN")}."),
            (HttpStatusCode.Unauthorized, _) when hasToken => new RegistryException(
                RegistryErrorKind.Unauthorized, $"Hugging Face does not accept the token that it was sent; make a new one at {Page(endpoint, "settings/tokens")} and set HF_TOKEN."),
            (HttpStatusCode.Unauthorized, _) => new RegistryException(
                RegistryErrorKind.Unauthorized, $"Hugging Face asks for a token for '{reference.Repository}': make one at {Page(endpoint, "settings/tokens")} and set HF_TOKEN."),
            _ => new RegistryException(RegistryErrorKind.Unauthorized, $"Hugging Face refuses access to '{reference.Repository}'{(hasToken ? " with this token" : "; set HF_TOKEN")}."),
        };
    }

    /// <summary>The exception of a repository whose conditions have to be accepted.</summary>
    public static RegistryException Gated(Uri endpoint, string repository, bool hasToken, Exception? inner = null) => new(
        RegistryErrorKind.Unauthorized,
        hasToken
            ? $"'{repository}' is gated, and whoever the token is of has no access yet: accept the conditions at {Page(endpoint, repository)}, and see that the token may read gated repositories."
            : $"'{repository}' is gated: accept the conditions at {Page(endpoint, repository)}, then set HF_TOKEN.",
        inner);

    private static string Page(Uri endpoint, string path) => $"{Http.RegistryHttp.Redact(endpoint).TrimEnd('/')}/{path}";
}
