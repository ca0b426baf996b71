using Hearth.Store.Registries.Http;
using Hearth.Store.Registries.Oci;

namespace Hearth.Store.Registries;

/// <summary>Credentials for registries, kept as Docker keeps them: in <c>config.json</c> or with a credential helper, so that a login of either program is one of both.</summary>
public static class RegistryCredentials
{
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>Checks credentials with a registry and keeps them.</summary>
    /// <param name="registry">The registry: <c>docker.io</c>, <c>registry:5000</c>.</param>
    /// <param name="user">The user.</param>
    /// <param name="password">The password, or a token in its place.</param>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="insecure">Whether it may be spoken to without encryption, and with a certificate that nobody vouches for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Where they are kept, for people.</returns>
    /// <exception cref="RegistryException">The registry refuses them or cannot be reached, or they cannot be kept.</exception>
    public static async Task<string> LoginAsync(string registry, string user, string password, RegistryOptions options, bool insecure = false, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(registry);
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentException.ThrowIfNullOrEmpty(password);
        ArgumentNullException.ThrowIfNull(options);
        registry = DockerConfig.HostOf(registry);
        RegistryCredential credential = new(user, password);
        RegistryDirectory directory = new(new RegistryConnections(options, TimeProvider.System), options);
        RegistryHttp http = await directory.ConnectAsync(registry, insecure, cancellationToken);
        RegistryRequest check = new(HttpMethod.Get, new Uri(http.Origin, "/v2/"))
        {
            Authorization = new OciAuthorization(http, [], _ => Task.FromResult<(RegistryCredential?, string?)>((credential, null))),
        };
        try
        {
            await http.ReadAsync(check, MaxAnswerBytes, cancellationToken);
        }
        catch (RegistryException exception) when (exception.Kind == RegistryErrorKind.Unauthorized)
        {
            throw new RegistryException(RegistryErrorKind.Unauthorized, $"'{registry}' does not accept this user and password.", exception);
        }

        return await new DockerConfig(options).StoreAsync(registry, credential, cancellationToken);
    }

    /// <summary>Forgets credentials.</summary>
    /// <param name="registry">The registry: <c>docker.io</c>, <c>registry:5000</c>.</param>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="RegistryException">Docker's file or its helper cannot be used.</exception>
    public static Task<bool> LogoutAsync(string registry, RegistryOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(registry);
        ArgumentNullException.ThrowIfNull(options);
        return new DockerConfig(options).EraseAsync(DockerConfig.HostOf(registry), cancellationToken);
    }
}
