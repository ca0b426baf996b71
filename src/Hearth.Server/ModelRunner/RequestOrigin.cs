using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.ModelRunner;

/// <summary>Keeps pages of other sites from changing what this server does: a browser lets any page post to this machine, and says which page it was.</summary>
internal static class RequestOrigin
{
    /// <summary>Refuses a request that a page of another site has made.</summary>
    /// <exception cref="ApiException">It has.</exception>
    public static void Check(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        if (origin is not null && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ApiException(403, "invalid_request_error", $"Pages of '{origin}' may not change what this server does.", null, "origin_not_allowed");
        }
    }
}
