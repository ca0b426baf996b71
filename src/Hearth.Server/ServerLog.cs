using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hearth.Server;

/// <summary>What the server writes to its log.</summary>
internal static partial class ServerLog
{
    public static void RequestFailed(HttpContext context, Exception exception) => RequestFailed(Logger(context), exception, context.Request.Path);

    public static void StreamFailed(HttpContext context, Exception exception) => StreamFailed(Logger(context), exception, context.Request.Path);

    [LoggerMessage(LogLevel.Error, "{Path} failed")]
    private static partial void RequestFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "{Path} failed while streaming")]
    private static partial void StreamFailed(ILogger logger, Exception exception, string path);

    private static ILogger Logger(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Hearth.Server");
}
