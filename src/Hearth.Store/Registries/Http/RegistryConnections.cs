using System.Collections.Concurrent;

namespace Hearth.Store.Registries.Http;

/// <summary>The connections of a store to registries, which transfers share.</summary>
/// <param name="options">How registries are spoken to.</param>
/// <param name="time">The clock of retries.</param>
internal sealed class RegistryConnections(RegistryOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Origin, bool Insecure), RegistryHttp> _registries = new();

    /// <summary>The requests to a registry.</summary>
    /// <param name="origin">An address there.</param>
    /// <param name="insecure">Whether it may be spoken to without encryption, and with a certificate that nobody vouches for.</param>
    public RegistryHttp Get(Uri origin, bool insecure) => _registries.GetOrAdd(
        (origin.GetLeftPart(UriPartial.Authority), insecure),
        (key, state) => new RegistryHttp(new Uri(key.Origin), state.options, key.Insecure, state.time),
        (options, time));
}
