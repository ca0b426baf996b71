using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Reflection;

namespace Hearth.Store.Registries.Http;

/// <summary>
/// Requests to one registry and to where it sends us. Credentials go to its origin only; what is encrypted stays so; and a registry elsewhere
/// cannot send us to an address of this machine or of a private network.
/// </summary>
internal sealed class RegistryHttp : IDisposable
{
    private const int MaxRedirects = 10;
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(15);
    private static readonly ProductInfoHeaderValue s_userAgent = new("hearth", typeof(RegistryHttp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");
    private readonly RegistryOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;
    private readonly bool _mayBePrivate;
    private bool? _isOriginPrivate;

    /// <summary>Requests to a registry.</summary>
    /// <param name="origin">Its scheme, host and port.</param>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="insecure">Whether it may be spoken to without encryption, and with a certificate that nobody vouches for.</param>
    /// <param name="time">The clock of retries.</param>
    public RegistryHttp(Uri origin, RegistryOptions options, bool insecure, TimeProvider time)
    {
        Origin = origin;
        IsPlainAllowed = insecure || origin.Scheme == Uri.UriSchemeHttp;
        _options = options;
        _time = time;
        _isOriginPrivate = IsPrivateName(origin) ? true : null;
        _mayBePrivate = !options.RefusesPrivateRegistries || options.Names(origin);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = s_connectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            Proxy = new LoopbackBypass(options.Proxy ?? HttpClient.DefaultProxy),
            SslOptions = CertificateTrust.Create(origin, options, insecure),
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>The registry's scheme, host and port.</summary>
    public Uri Origin { get; }

    /// <summary>Whether it may be spoken to without encryption.</summary>
    public bool IsPlainAllowed { get; }

    /// <summary>How registries are spoken to.</summary>
    public RegistryOptions Options => _options;

    /// <summary>The clock of retries.</summary>
    public TimeProvider Time => _time;

    /// <summary>Whether two addresses have the same scheme, host and port.</summary>
    public static bool IsSameOrigin(Uri first, Uri second) =>
        first.Scheme == second.Scheme && first.Port == second.Port && first.IdnHost.Equals(second.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>An address without what may be secret: users, passwords and queries.</summary>
    public static string Redact(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Sends a request, and again after a failure that may pass.</summary>
    /// <returns>An answer of success, or of a status that the request expects; the body is not read.</returns>
    /// <exception cref="RegistryException">There is none.</exception>
    public async Task<HttpResponseMessage> SendAsync(RegistryRequest request, CancellationToken cancellationToken) =>
        await RetryPipeline.Create(_options, _time, request.OnRetry).ExecuteAsync(async token => await SendOnceAsync(request, token), cancellationToken);

    /// <summary>Sends a request and reads its small answer, all of it again after a failure that may pass.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limit">Bytes that the answer may have.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The answer, whose headers may be read, and its body.</returns>
    /// <exception cref="RegistryException">There is none, or it has more.</exception>
    public async Task<(HttpResponseMessage Response, byte[] Body)> ReadAsync(RegistryRequest request, int limit, CancellationToken cancellationToken) =>
        await RetryPipeline.Create(_options, _time, request.OnRetry).ExecuteAsync(
            async token =>
            {
                using HttpResponseMessage response = await SendOnceAsync(request, token);
                using ResponseBody body = await ResponseBody.OpenAsync(response, _options.StallTimeout, token);
                return (response, await body.ReadAllAsync(limit, token));
            },
            cancellationToken);

    /// <summary>Sends a request once, to where it leads, and once more with credentials where they are asked for.</summary>
    /// <returns>An answer of success, or of a status that the request expects; the body is not read.</returns>
    /// <exception cref="RegistryException">There is none.</exception>
    public async Task<HttpResponseMessage> SendOnceAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await FollowAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized && request.Authorization is RequestAuthorization authorization
            && authorization.AppliesTo(response.RequestMessage!.RequestUri!))
        {
            bool answered;
            try
            {
                answered = await authorization.AnswerAsync(response, cancellationToken);
            }
            catch
            {
                response.Dispose();
                throw;
            }

            if (answered)
            {
                response.Dispose();
                response = await FollowAsync(request, cancellationToken);
            }
        }

        if (response.IsSuccessStatusCode || request.Expected.Contains(response.StatusCode))
        {
            return response;
        }

        using (response)
        {
            throw await RegistryErrors.ReadAsync(response, request.Authorization?.Note, _options, _time, cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> FollowAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        Uri address = request.Address;
        HttpMethod method = request.Method;
        CheckAddress(address, request.Address);
        for (int redirects = 0; ; redirects++)
        {
            HttpResponseMessage response = await SendToAsync(request, method, address, cancellationToken);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect
                or HttpStatusCode.PermanentRedirect) || response.Headers.Location is not Uri location)
            {
                return response;
            }

            Uri next = location.IsAbsoluteUri ? location : new Uri(address, location);
            method = response.StatusCode == HttpStatusCode.SeeOther && method != HttpMethod.Head ? HttpMethod.Get : method;
            response.Dispose();
            if (redirects == MaxRedirects)
            {
                throw new RegistryException(RegistryErrorKind.Invalid, $"{Redact(request.Address)} redirects more than {MaxRedirects} times.");
            }

            CheckAddress(next, address);
            address = next;
        }
    }

    private void CheckAddress(Uri address, Uri from)
    {
        if (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
        {
            throw new RegistryException(RegistryErrorKind.Refused, $"{Redact(from)} leads to '{address.Scheme}', which is neither https nor http.");
        }

        if (address.Scheme == Uri.UriSchemeHttp && (from.Scheme == Uri.UriSchemeHttps || !IsPlainAllowed))
        {
            throw new RegistryException(RegistryErrorKind.Refused, $"{Redact(from)} leads to {Redact(address)}, which is not encrypted.");
        }

        if (!_mayBePrivate && IsPrivateName(Origin))
        {
            throw PrivateOrigin();
        }

        if (_isOriginPrivate != true && !IsSameOrigin(address, Origin) && IsPrivateName(address))
        {
            throw PrivateAddress(address.Host);
        }
    }

    private async Task<HttpResponseMessage> SendToAsync(RegistryRequest request, HttpMethod method, Uri address, CancellationToken cancellationToken)
    {
        HttpRequestMessage message = new(method, address) { Content = method == request.Method ? request.Content?.Invoke() : null };
        message.Headers.UserAgent.Add(s_userAgent);
        message.Headers.Range = request.Range;
        foreach (string type in request.Accept)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        if (request.Authorization is RequestAuthorization authorization && authorization.AppliesTo(address))
        {
            message.Headers.Authorization = await authorization.GetAsync(cancellationToken);
        }

        TimeSpan patience = request.Patience ?? s_connectTimeout + _options.StallTimeout;
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(patience);
        if (message.Content is FileContent content)
        {
            content.Advanced = () => stall.CancelAfter(patience);
        }

        try
        {
            return await _client.SendAsync(message, stall.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RegistryException(RegistryErrorKind.Unavailable, $"{Redact(address)} has not answered for {patience.TotalSeconds:F0} s.", exception) { IsTransient = true };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw RegistryErrors.Unreachable(address, exception);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        string host = context.DnsEndPoint.Host;
        Uri address = context.InitialRequestMessage.RequestUri!;
        IPAddress[] addresses = await _options.Network.ResolveAsync(host, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        // Where the host is not that of the request, it is the user's proxy.
        bool isProxy = !host.Equals(address.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase) || context.DnsEndPoint.Port != address.Port;
        if (IsSameOrigin(address, Origin))
        {
            if (!_mayBePrivate && !isProxy && Array.Exists(addresses, RegistryNetwork.IsPrivate))
            {
                throw PrivateOrigin();
            }

            // The first answer counts: a name that leads elsewhere later gains nothing by it.
            _isOriginPrivate ??= !isProxy && Array.TrueForAll(addresses, RegistryNetwork.IsPrivate);
        }
        else if (!isProxy && _isOriginPrivate != true && Array.Exists(addresses, RegistryNetwork.IsPrivate))
        {
            throw PrivateAddress(host);
        }

        return await _options.Network.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
    }

    private RegistryException PrivateAddress(string host) => new(
        RegistryErrorKind.Refused,
        $"{Redact(Origin)} leads to '{host}', an address of this machine or of a private network, where a registry elsewhere has no business.");

    private RegistryException PrivateOrigin() => new(
        RegistryErrorKind.Refused,
        $"'{Origin.Authority}' is at an address of this machine or of a private network. Other machines can ask this server, so such registries must be named in $HEARTH_PRIVATE_REGISTRIES when it is started.");

    private static bool IsPrivateName(Uri address) =>
        address.IsLoopback || IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? literal) && RegistryNetwork.IsPrivate(literal);

    /// <summary>The system's proxies, but not for this machine itself.</summary>
    private sealed class LoopbackBypass(IWebProxy proxy) : IWebProxy
    {
        public ICredentials? Credentials
        {
            get => proxy.Credentials;
            set => proxy.Credentials = value;
        }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : proxy.GetProxy(destination);

        public bool IsBypassed(Uri host) => host.IsLoopback || proxy.IsBypassed(host);
    }
}
