using System.Net;
using System.Net.Http.Headers;

namespace Hearth.Store.Registries.Http;

/// <summary>A request that can be sent again: to where a redirect leads, with credentials, or after a failure.</summary>
/// <param name="Method">The method.</param>
/// <param name="Address">The address.</param>
internal sealed record RegistryRequest(HttpMethod Method, Uri Address)
{
    /// <summary>The credentials; null for none.</summary>
    public RequestAuthorization? Authorization { get; init; }

    /// <summary>The media types to ask for.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The bytes to ask for; null for all.</summary>
    public RangeHeaderValue? Range { get; init; }

    /// <summary>Makes the body, anew for each time that it is sent; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Statuses that are no errors, beside those of success.</summary>
    public IReadOnlyList<HttpStatusCode> Expected { get; init; } = [];

    /// <summary>How long to wait for the answer; null for as long as a connection may be silent.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Is told of each retry.</summary>
    public Action<string>? OnRetry { get; init; }
}
