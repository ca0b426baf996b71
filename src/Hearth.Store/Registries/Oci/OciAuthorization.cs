using System.Net.Http.Headers;
using System.Text.Json;
using Hearth.Store.Registries.Http;

namespace Hearth.Store.Registries.Oci;

/// <summary>
/// What registries of the distribution protocol ask for: a token of the server that their challenge names, or user and password (CNCF
/// distribution, "Token Authentication Specification"). Credentials are only looked for when they are asked for.
/// </summary>
/// <param name="http">The requests to the registry.</param>
/// <param name="scopes">What the requests may do: <c>repository:NAME:pull</c>.</param>
/// <param name="credentials">Finds the user's credentials, and what to tell people where they cannot be used.</param>
internal sealed class OciAuthorization(RegistryHttp http, IReadOnlyList<string> scopes, Func<CancellationToken, Task<(RegistryCredential? Credential, string? Note)>> credentials)
    : RequestAuthorization(http.Origin)
{
    private const int MaxAnswerBytes = 1 << 20;
    private const double LeastSeconds = 60;
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private Task<AuthenticationHeaderValue?>? _pending;
    private AuthenticationHeaderValue? _header;
    private DateTimeOffset _expiry = DateTimeOffset.MaxValue;
    private AuthenticationChallenge? _challenge;
    private string? _note;

    /// <summary>Whether only the registry's own host may give tokens.</summary>
    public bool IsOwnRealmOnly { get; init; }

    public override string? Note => _note;

    public override async ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellationToken)
    {
        Task<AuthenticationHeaderValue?> renewal;
        lock (_lock)
        {
            if (_header is null || _challenge is null || http.Time.GetUtcNow() < _expiry)
            {
                return _header;
            }

            renewal = Renew(_challenge);
        }

        return await renewal.WaitAsync(cancellationToken);
    }

    public override async ValueTask<bool> AnswerAsync(HttpResponseMessage refused, CancellationToken cancellationToken)
    {
        IReadOnlyList<AuthenticationChallenge> challenges = AuthenticationChallenge.Parse(
            string.Join(", ", refused.Headers.NonValidated.TryGetValues("WWW-Authenticate", out HeaderStringValues values) ? values : []));
        if ((challenges.FirstOrDefault(offer => offer.Is("Bearer")) ?? challenges.FirstOrDefault(offer => offer.Is("Basic"))) is not AuthenticationChallenge challenge)
        {
            return false;
        }

        string? sent = refused.RequestMessage!.Headers.Authorization?.Parameter;
        Task<AuthenticationHeaderValue?> renewal;
        lock (_lock)
        {
            // Another request was refused at the same time, and is ahead of this one.
            if (_pending is null && _header is not null && _header.Parameter != sent)
            {
                return true;
            }

            renewal = Renew(challenge);
        }

        AuthenticationHeaderValue? header = await renewal.WaitAsync(cancellationToken);
        return header is not null && header.Parameter != sent;
    }

    private Task<AuthenticationHeaderValue?> Renew(AuthenticationChallenge challenge)
    {
        _challenge = challenge;
        return _pending ??= Task.Run(() => RenewAsync(challenge));
    }

    private async Task<AuthenticationHeaderValue?> RenewAsync(AuthenticationChallenge challenge)
    {
        try
        {
            (RegistryCredential? credential, _note) = await credentials(CancellationToken.None);
            (AuthenticationHeaderValue? header, DateTimeOffset expiry) = challenge.Is("Bearer")
                ? await FetchTokenAsync(challenge, credential, CancellationToken.None)
                : (credential?.Basic, DateTimeOffset.MaxValue);
            lock (_lock)
            {
                (_header, _expiry) = (header, expiry);
            }

            return header;
        }
        finally
        {
            lock (_lock)
            {
                _pending = null;
            }
        }
    }

    private async Task<(AuthenticationHeaderValue? Header, DateTimeOffset Expiry)> FetchTokenAsync(AuthenticationChallenge challenge, RegistryCredential? credential, CancellationToken cancellationToken)
    {
        Uri realm = CheckRealm(challenge["realm"]);
        List<KeyValuePair<string, string>> query = [];
        if (challenge["service"] is string service)
        {
            query.Add(new("service", service));
        }

        query.AddRange(Scopes(challenge).Select(scope => new KeyValuePair<string, string>("scope", scope)));
        RegistryRequest request = credential?.IdentityToken is string identity
            ? new RegistryRequest(HttpMethod.Post, realm)
            {
                Content = () => new FormUrlEncodedContent(
                    [new("grant_type", "refresh_token"), new("client_id", "hearth"), new("refresh_token", identity), .. query.Where(pair => pair.Key != "scope"), new("scope", string.Join(' ', Scopes(challenge)))]),
            }
            : new RegistryRequest(HttpMethod.Get, WithQuery(realm, query)) { Authorization = credential is null ? null : new BasicAuthorization(realm, credential) };
        (_, byte[] body) = await http.ReadAsync(request, MaxAnswerBytes, cancellationToken);
        TokenAnswer? answer;
        try
        {
            answer = JsonSerializer.Deserialize(body, OciJson.Default.TokenAnswer);
        }
        catch (JsonException exception)
        {
            throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(realm)} answers something else than a token: {exception.Message}", exception);
        }

        string? token = string.IsNullOrEmpty(answer?.Token) ? answer?.AccessToken : answer.Token;
        if (string.IsNullOrEmpty(token) || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(realm)} answers without a token.");
        }

        TimeSpan validity = TimeSpan.FromSeconds(Math.Clamp(answer!.ExpiresIn ?? LeastSeconds, LeastSeconds, TimeSpan.SecondsPerDay));
        return (new AuthenticationHeaderValue("Bearer", token), http.Time.GetUtcNow() + validity - s_margin);
    }

    private Uri CheckRealm(string? text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? realm) || realm.Scheme != Uri.UriSchemeHttps && realm.Scheme != Uri.UriSchemeHttp)
        {
            throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(http.Origin)} asks for a token of '{text}', which is no web address.");
        }

        if (IsOwnRealmOnly && !realm.IdnHost.Equals(http.Origin.IdnHost, StringComparison.OrdinalIgnoreCase))
        {
            throw new RegistryException(RegistryErrorKind.Refused, $"{RegistryHttp.Redact(http.Origin)} asks for a token of another host, '{realm.Host}'.");
        }

        if (realm.Scheme == Uri.UriSchemeHttp && !http.IsPlainAllowed)
        {
            throw new RegistryException(RegistryErrorKind.Refused, $"{RegistryHttp.Redact(http.Origin)} asks for a token of {RegistryHttp.Redact(realm)}, which is not encrypted.");
        }

        return realm;
    }

    // What the challenge asks for beside what the requests are known to need.
    private IEnumerable<string> Scopes(AuthenticationChallenge challenge) => scopes.Concat(
        (challenge["scope"] ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(asked => !scopes.Any(known => Subject(known) == Subject(asked)))).Distinct();

    private static string Subject(string scope) => scope[..Math.Max(0, scope.LastIndexOf(':'))];

    private static Uri WithQuery(Uri realm, List<KeyValuePair<string, string>> query)
    {
        string own = realm.Query.TrimStart('?');
        IEnumerable<string> pairs = query.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}");
        return new UriBuilder(realm) { Query = string.Join('&', own.Length > 0 ? pairs.Prepend(own) : pairs) }.Uri;
    }
}
