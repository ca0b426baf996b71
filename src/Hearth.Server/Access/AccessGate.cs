using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Hearth.Server.Errors;
using Hearth.Server.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hearth.Server.Access;

/// <summary>
/// Lets requests in: those that are addressed to this machine, that no page of a site has made which may not, and that show a key where keys are
/// wanted.
/// </summary>
/// <param name="options">Who may ask.</param>
/// <param name="listensLocally">Whether the server listens to this machine alone, so that other names can only come from a page that pretends to be of it.</param>
/// <param name="time">The clock.</param>
internal sealed class AccessGate(AccessOptions options, bool listensLocally, TimeProvider time)
{
    /// <summary>What a page's user says of the key: its hash.</summary>
    public const string KeyClaim = "key";

    private const string Bearer = "Bearer ";

    // Browsers cannot give a WebSocket headers.
    private const string TokenParameter = "access_token";
    private const string AllowedMethods = "GET, HEAD, POST, DELETE, OPTIONS";
    private static readonly string[] s_keyHeaders = ["x-api-key", "api-key", "xi-api-key"];
    private static readonly string[] s_open = ["/health", "/health/live", "/health/ready", "/healthz", "/readyz", "/livez", "/v1/health"];

    // No public name ends so. Names that end in .local can be anybody's of the local network.
    private static readonly string[] s_localDomains = [".localhost", ".internal"];
    private readonly KeyLimits _limits = new(time);
    private readonly ApiKey? _environmentKey = options.Key is string key ? new ApiKey("the environment's", ApiKey.HashOf(key), default) : null;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        CheckHost(context);
        if (Allow(context))
        {
            return;
        }

        if (!s_open.Contains(context.Request.Path.Value, StringComparer.OrdinalIgnoreCase) && !PagePaths.AreOpen(context.Request) && Authenticate(KeyOf(context.Request)) is ApiKey key)
        {
            if (PagePaths.IsConnection(context.Request))
            {
                // What it asks for is counted, not that it is open.
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(KeyClaim, key.Hash)], nameof(ApiKey)));
            }
            else
            {
                RequestOwner.Set(context, key.Name);
                context.Features.Set(key);
                Count(key);
            }
        }

        await next(context);
    }

    /// <summary>Runs a request that the server makes for an owner, who has been let in before.</summary>
    /// <exception cref="ApiException">The owner's key is there no more, or has used up one of its limits.</exception>
    public Task InvokeForOwnerAsync(HttpContext context, RequestDelegate next)
    {
        if (RequestOwner.Of(context) is string owner)
        {
            ApiKey key = options.Keys?.FindNamed(owner) ?? (_environmentKey?.Name == owner ? _environmentKey : null)
                ?? throw new ApiException(401, "authentication_error", $"The key '{owner}' is not one of this server any more.", null, "invalid_api_key");
            context.Features.Set(key);
            Count(key);
        }

        return next(context);
    }

    /// <summary>Counts a request of a page that was opened with a key; tokens are counted in what the caller runs from here on.</summary>
    /// <param name="hash">The key's hash; null where none was shown.</param>
    /// <param name="needed">What the key must be for.</param>
    /// <exception cref="ApiException">A key is wanted that this is not, it is not for that, or it has used up one of its limits.</exception>
    public void Begin(string? hash, KeyScope needed)
    {
        if (FindHash(hash, out bool areWanted) is ApiKey key)
        {
            key.Demand("this", needed);
            Count(key);
        }
        else if (areWanted)
        {
            throw new ApiException(401, "authentication_error", "The API key that this page was opened with is not one of this server any more. Reload the page.", null, "invalid_api_key");
        }
    }

    /// <summary>Whether a page that was opened with a key may do something now.</summary>
    /// <param name="hash">The key's hash; null where none was shown.</param>
    /// <param name="anyOf">What the key must be for, one of them.</param>
    public bool Allows(string? hash, params IReadOnlyList<KeyScope> anyOf) => FindHash(hash, out bool areWanted) is ApiKey key ? key.Allows(anyOf) : !areWanted;

    private ApiKey? FindHash(string? hash, out bool areWanted)
    {
        areWanted = false;
        ApiKey? key = options.Keys?.FindHash(hash, out areWanted) ?? (hash is not null && hash == _environmentKey?.Hash ? _environmentKey : null);
        areWanted |= _environmentKey is not null;
        return key;
    }

    private void Count(ApiKey key)
    {
        _limits.Begin(key);
        new RequestUsage(tokens => _limits.Add(key, tokens)).Follow();
    }

    // A page whose name was made to mean this machine (DNS rebinding) sends its own name; no page reaches a Unix socket, which has no address.
    private void CheckHost(HttpContext context)
    {
        string host = context.Request.Host.Host;
        if (!listensLocally || context.Connection.RemoteIpAddress is null || host.Length == 0 || IPAddress.TryParse(host.Trim('[', ']'), out _)
            || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase)
            || host.Equals(Environment.MachineName + ".local", StringComparison.OrdinalIgnoreCase)
            || s_localDomains.Any(end => host.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            || options.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return;
        }

        throw new ApiException(403, "invalid_request_error", $"Requests to '{host}' are not answered: the server listens to this machine only. Allow the name with --allow-host.", null, "host_not_allowed");
    }

    /// <summary>Says to browsers what pages may do.</summary>
    /// <returns>Whether that was all that was asked.</returns>
    private bool Allow(HttpContext context)
    {
        HttpRequest request = context.Request;
        string? origin = request.Headers.Origin;
        if (string.IsNullOrEmpty(origin))
        {
            CheckSite(request);
            return false;
        }

        bool isOwn = Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
        bool isAllowed = isOwn || (!PagePaths.IsConnection(request) && OriginPattern.Local.Concat(options.Origins).Any(pattern => pattern.Matches(origin)));
        if (!isAllowed)
        {
            throw new ApiException(403, "invalid_request_error", $"Pages of '{origin}' may not ask this server. Allow them with --allow-origin.", null, "origin_not_allowed");
        }

        IHeaderDictionary headers = context.Response.Headers;

        // When the answer begins, for what fails before has its headers cleared.
        context.Response.OnStarting(() =>
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = "x-request-id, retry-after";
            headers.Vary = StringValues.Concat(headers.Vary, "Origin");
            return Task.CompletedTask;
        });
        if (!HttpMethods.IsOptions(request.Method) || StringValues.IsNullOrEmpty(request.Headers.AccessControlRequestMethod))
        {
            return false;
        }

        headers.AccessControlAllowMethods = AllowedMethods;
        headers.AccessControlAllowHeaders = StringValues.IsNullOrEmpty(request.Headers.AccessControlRequestHeaders) ? "*" : request.Headers.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    // A picture, a script or a frame of another site's page has no origin. A link to the page may be followed from anywhere.
    private static void CheckSite(HttpRequest request)
    {
        IHeaderDictionary headers = request.Headers;
        bool isFollowed = headers["Sec-Fetch-Mode"] == "navigate" && headers["Sec-Fetch-Dest"] == "document" && (PagePaths.AreOpen(request) || s_open.Contains(request.Path.Value, StringComparer.OrdinalIgnoreCase));
        if (headers["Sec-Fetch-Site"] == "cross-site" && !isFollowed)
        {
            throw new ApiException(403, "invalid_request_error", "Pages of other sites may not ask this server. Allow them with --allow-origin, and let them ask with CORS.", null, "origin_not_allowed");
        }
    }

    /// <summary>The key of a request; null where none is wanted.</summary>
    private ApiKey? Authenticate(string? shown)
    {
        bool areWanted = false;
        ApiKey? key = options.Keys?.Find(shown, out areWanted) ?? (IsEnvironmentKey(shown) ? _environmentKey : null);
        return key is not null || (!areWanted && _environmentKey is null) ? key
            : throw new ApiException(401, "authentication_error", shown is null
                ? "This server wants an API key: send 'Authorization: Bearer KEY' or 'x-api-key: KEY'."
                : "The API key is not one of this server.", null, "invalid_api_key");
    }

    private bool IsEnvironmentKey(string? shown) => _environmentKey is not null && shown is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(ApiKey.HashOf(shown)), Encoding.ASCII.GetBytes(_environmentKey.Hash));

    private static string? KeyOf(HttpRequest request)
    {
        string? authorization = request.Headers.Authorization;
        return authorization?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true
            ? authorization[Bearer.Length..].Trim()
            : s_keyHeaders.Select(name => (string?)request.Headers[name]).FirstOrDefault(value => !string.IsNullOrEmpty(value))
                ?? (PagePaths.IsConnection(request) ? (string?)request.Query[TokenParameter] : null);
    }
}
