namespace Hearth.Store.Registries;

/// <summary>Credentials for registries, kept as Docker keeps them: in <c>config.json</c> or with a credential helper, so that a login of either program is one of both.</summary>
public static class RegistryCredentials
{
    /// <summary>Checks credentials with a registry and keeps them.</summary>
    /// <returns>Where they are kept, for people.</returns>
    /// <exception cref="RegistryException">The registry refuses them, or cannot be reached.</exception>
    public static Task<string> LoginAsync(string registry, string user, string password, RegistryOptions options, bool insecure = false, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Forgets credentials.</summary>
    /// <returns>Whether there were any.</returns>
    public static Task<bool> LogoutAsync(string registry, RegistryOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
