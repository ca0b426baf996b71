namespace Hearth.Store.Registries;

/// <summary>Why a registry could not be used.</summary>
public enum RegistryErrorKind
{
    /// <summary>It has no such model, tag or file.</summary>
    NotFound,

    /// <summary>It wants credentials, or refuses those that it got.</summary>
    Unauthorized,

    /// <summary>It asks for fewer requests.</summary>
    RateLimited,

    /// <summary>It cannot be reached, breaks off, or answers with an error of its own, and trying again has not helped.</summary>
    Unavailable,

    /// <summary>What it answers breaks the protocol, or is not what its digest says.</summary>
    Invalid,

    /// <summary>What it asks for is not safe: a token to be fetched at a private address, a redirect without encryption, ...</summary>
    Refused,
}

/// <summary>A registry could not be used. The message has no credentials in it.</summary>
/// <param name="kind">Why.</param>
/// <param name="message">What happened and what to do, for people.</param>
/// <param name="inner">The cause.</param>
public sealed class RegistryException(RegistryErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public RegistryErrorKind Kind => kind;

    /// <summary>When to try again, where the registry says so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether it may go well when it is tried again soon.</summary>
    internal bool IsTransient { get; init; }
}
