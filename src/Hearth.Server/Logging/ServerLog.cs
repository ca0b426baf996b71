using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hearth.Server.Logging;

/// <summary>What the server writes to its log.</summary>
internal static partial class ServerLog
{
    /// <summary>The name of the log.</summary>
    public const string Category = "Hearth.Server";

    public static void RequestFailed(HttpContext context, Exception exception) => RequestFailed(Logger(context), exception, context.Request.Path);

    public static void StreamFailed(HttpContext context, Exception exception) => StreamFailed(Logger(context), exception, context.Request.Path);

    public static void RequestDone(ILogger logger, HttpContext context, TimeSpan elapsed)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            RequestDone(logger, context.TraceIdentifier, context.Request.Method, context.Request.Path, context.Response.StatusCode, elapsed.TotalMilliseconds);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Id} {Method} {Path} {Status} {Milliseconds:F0} ms")]
    private static partial void RequestDone(ILogger logger, string id, string method, string path, int status, double milliseconds);

    [LoggerMessage(LogLevel.Error, "{Path} failed")]
    private static partial void RequestFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "{Path} failed while streaming")]
    private static partial void StreamFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "Job {Id} failed")]
    public static partial void JobFailed(ILogger logger, Exception exception, Guid id);

    [LoggerMessage(LogLevel.Information, "The certificate in {File} is new and counts from now on")]
    public static partial void CertificateRenewed(ILogger logger, string file);

    [LoggerMessage(LogLevel.Warning, "A certificate has changed and cannot be used; the one before stays in force. {Problem}")]
    public static partial void CertificateKept(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Warning, "The certificate in {File} is valid from {Begin:u} to {End:u}, and not now")]
    public static partial void CertificateNotValid(ILogger logger, string file, DateTime begin, DateTime end);

    private static ILogger Logger(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
}
