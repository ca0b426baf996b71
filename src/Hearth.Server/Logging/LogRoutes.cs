using System.Text;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Logging;

/// <summary><c>GET /logs</c>, as Docker Model Runner has it: the latest lines, and with <c>?follow=true</c> those to come.</summary>
internal sealed class LogRoutes(LogBuffer log)
{
    public async Task ReadAsync(HttpContext context)
    {
        bool follow = QueryFlags.Read(context.Request, "follow");

        // The engine is part of the server and has no log of its own to leave out.
        _ = QueryFlags.Read(context.Request, "no-engines");
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await foreach (string line in log.ReadAsync(follow, context.RequestAborted))
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), context.RequestAborted);
            if (follow)
            {
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
    }
}
