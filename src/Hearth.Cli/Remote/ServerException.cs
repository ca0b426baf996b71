namespace Hearth.Cli.Remote;

/// <summary>Why a server does not do what it was asked.</summary>
internal enum ServerFailure
{
    /// <summary>Nobody listens there.</summary>
    NobodyThere,

    /// <summary>It listens, but does not answer in time.</summary>
    NoAnswer,

    /// <summary>There is no trust between the two, or only one of them speaks TLS.</summary>
    Tls,

    /// <summary>Something else than Hearth listens there.</summary>
    NotHearth,

    /// <summary>It wants a key, or another one.</summary>
    Unauthorized,

    /// <summary>It knows who asks, and does not do this for them.</summary>
    Forbidden,

    /// <summary>It is addressed by a name that it does not answer to.</summary>
    HostNotAllowed,

    /// <summary>It is ending.</summary>
    Stopping,

    /// <summary>It refuses for another reason, which the message has.</summary>
    Refused,
}

/// <summary>A server that does not do what it was asked; the message says what to do where that is clear.</summary>
internal sealed class ServerException(ServerFailure failure, string detail, string? advice, Exception? inner = null)
    : IOException(advice is null ? detail : $"{detail} {advice}", inner)
{
    public ServerFailure Failure => failure;

    /// <summary>What happened.</summary>
    public string Detail => detail;

    /// <summary>What to do; null where that is not clear.</summary>
    public string? Advice => advice;
}
