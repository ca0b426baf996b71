namespace Hearth.Server.Access;

/// <summary>Who may ask a server.</summary>
public sealed record AccessOptions
{
    /// <summary>Keys of which a request must show one, as soon as there are any; null for none.</summary>
    public ApiKeyStore? Keys { get; init; }

    /// <summary>A key beside those, as from the environment; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>Whether no key is wanted now. Keys that are made while the server runs are wanted from then on.</summary>
    /// <exception cref="Settings.SettingsFileException">The file of keys cannot be used.</exception>
    public bool IsOpen => Key is null && (Keys is null || Keys.List().Count == 0);

    /// <summary>Origins of web pages that may ask, beside those of this machine and of the server itself.</summary>
    public IReadOnlyList<OriginPattern> Origins { get; init; } = [];

    /// <summary>Names of this machine that requests may be addressed to, beside its own; only where the server listens to this machine alone.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}
