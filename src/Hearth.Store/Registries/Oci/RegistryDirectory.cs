using Hearth.Store.References;
using Hearth.Store.Registries.Http;
using Hearth.Store.Transfer;

namespace Hearth.Store.Registries.Oci;

/// <summary>Where the registries of references are, and what they are shown.</summary>
/// <param name="connections">The connections.</param>
/// <param name="options">How registries are spoken to.</param>
internal sealed class RegistryDirectory(RegistryConnections connections, RegistryOptions options)
{
    private static readonly TimeSpan s_probePatience = TimeSpan.FromSeconds(5);

    /// <summary>The places to pull from, in the order to try them: mirrors of Docker Hub before it.</summary>
    public async Task<IReadOnlyList<OciRegistry>> ForPullAsync(ModelReference reference, TransferOptions transfer, CancellationToken cancellationToken)
    {
        string[] scopes = [$"repository:{reference.Repository}:pull"];
        List<OciRegistry> places = [];
        foreach (string mirror in reference is { Kind: ReferenceKind.Oci, Registry: ModelReference.DockerHub } ? options.Mirrors : [])
        {
            string host = Uri.TryCreate(mirror, UriKind.Absolute, out Uri? address) && address.Host.Length > 0 ? address.Authority : mirror;
            bool isPlain = mirror.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
            RegistryHttp http = await ConnectAsync(host, isPlain, cancellationToken);
            places.Add(new OciRegistry(http, reference.Repository, Authorize(http, host, scopes, token: null, ownRealmOnly: false)));
        }

        places.Add(await OpenAsync(reference, scopes, transfer, cancellationToken));
        return places;
    }

    /// <summary>The place to push to.</summary>
    /// <param name="reference">The target.</param>
    /// <param name="sources">Repositories there that contents may be taken from.</param>
    /// <param name="transfer">What may differ from one transfer to another.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<OciRegistry> ForPushAsync(ModelReference reference, IEnumerable<string> sources, TransferOptions transfer, CancellationToken cancellationToken) =>
        OpenAsync(reference, [$"repository:{reference.Repository}:pull,push", .. sources.Select(source => $"repository:{source}:pull")], transfer, cancellationToken);

    /// <summary>The requests to a registry by its name.</summary>
    /// <param name="registry">The host, with its port where one is given.</param>
    /// <param name="insecure">Whether it may be spoken to without encryption, and with a certificate that nobody vouches for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<RegistryHttp> ConnectAsync(string registry, bool insecure, CancellationToken cancellationToken)
    {
        if (registry == ModelReference.DockerHub)
        {
            return connections.Get(options.DockerHub, insecure);
        }

        if (registry == ModelReference.OllamaHost)
        {
            return connections.Get(options.Ollama, insecure);
        }

        if (!Uri.TryCreate($"https://{registry}", UriKind.Absolute, out Uri? origin))
        {
            throw new RegistryException(RegistryErrorKind.Invalid, $"'{registry}' is no host of a registry.");
        }

        bool isListed = options.InsecureRegistries.Any(listed => listed.Equals(registry, StringComparison.OrdinalIgnoreCase) || listed.Equals(origin.Host, StringComparison.OrdinalIgnoreCase));
        RegistryHttp encrypted = connections.Get(origin, insecure || isListed);
        return !insecure && !isListed && !origin.IsLoopback || await AnswersAsync(encrypted, cancellationToken)
            ? encrypted
            : connections.Get(new UriBuilder(origin) { Scheme = Uri.UriSchemeHttp, Port = origin.IsDefaultPort ? 80 : origin.Port }.Uri, insecure || isListed);
    }

    // As Docker does: encryption is tried first even where it is not needed.
    private static async Task<bool> AnswersAsync(RegistryHttp http, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await http.SendOnceAsync(new RegistryRequest(HttpMethod.Get, new Uri(http.Origin, "/v2/")) { Patience = s_probePatience }, cancellationToken);
            return true;
        }
        catch (RegistryException exception)
        {
            return exception.Kind != RegistryErrorKind.Unavailable || exception.InnerException is null;
        }
    }

    private async Task<OciRegistry> OpenAsync(ModelReference reference, IReadOnlyList<string> scopes, TransferOptions transfer, CancellationToken cancellationToken)
    {
        RegistryHttp http = await ConnectAsync(reference.Registry, transfer.Insecure, cancellationToken);
        return new OciRegistry(http, reference.Repository, Authorize(http, reference.Registry, scopes, transfer.Token, reference.Kind == ReferenceKind.Ollama));
    }

    private RequestAuthorization Authorize(RegistryHttp http, string registry, IReadOnlyList<string> scopes, string? token, bool ownRealmOnly) => token is not null
        ? new TokenAuthorization(http.Origin, token)
        : new OciAuthorization(http, scopes, cancellationToken => new DockerConfig(options).FindAsync(registry, cancellationToken)) { IsOwnRealmOnly = ownRealmOnly };
}
