namespace Hearth.Server.Access;

/// <summary>Who may ask a server.</summary>
public sealed record AccessOptions
{
    /// <summary>Keys of which a request must show one, as soon as there are any; null for none.</summary>
    public ApiKeyStore? Keys { get; init; }

    /// <summary>A key beside those, as from the environment; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>Origins of web pages that may ask, beside those of this machine and of the server itself.</summary>
    public IReadOnlyList<OriginPattern> Origins { get; init; } = [];

    /// <summary>Names of this machine that requests may be addressed to, beside its own; only where the server listens to this machine alone.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}
