using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Observability;

/// <summary>How a request ended.</summary>
internal static class RequestOutcome
{
    /// <summary>It was answered.</summary>
    public const string Ok = "ok";

    /// <summary>It was not taken: it is wrong, or there is no room for it.</summary>
    public const string Refused = "refused";

    /// <summary>Something went wrong while it was answered.</summary>
    public const string Failed = "failed";

    /// <summary>Its client hung up, or the server was told to stop before it was done.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Its time was over.</summary>
    public const string Timeout = "timeout";

    private static readonly string[] s_noRoom = ["queue_full", "model_busy", "model_too_large", "server_stopping", "store_locked", "not_supported"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Ok, Refused, Failed, Cancelled, Timeout];

    /// <summary>How a request ended that was told an error.</summary>
    public static string Of(ApiException error) =>
        error.Status == StatusCodes.Status504GatewayTimeout ? Timeout
        : error.Status < StatusCodes.Status500InternalServerError || s_noRoom.Contains(error.Code) ? Refused
        : Failed;
}
