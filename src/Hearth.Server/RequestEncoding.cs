using Hearth.Server.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RequestDecompression;
using Microsoft.Extensions.DependencyInjection;

namespace Hearth.Server;

/// <summary>Bodies of requests that come compressed: with <c>gzip</c> they are read, up to the limit of bodies; others are refused.</summary>
internal static class RequestEncoding
{
    private const string Gzip = "gzip";

    public static void Add(IServiceCollection services) => services.AddRequestDecompression(options =>
    {
        IDecompressionProvider gzip = options.DecompressionProviders[Gzip];
        options.DecompressionProviders.Clear();
        options.DecompressionProviders.Add(Gzip, gzip);
    });

    public static void Use(IApplicationBuilder app)
    {
        app.Use(CheckAsync);
        app.UseRequestDecompression();
    }

    private static async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        string encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            context.Request.Headers.Remove("Content-Encoding");
        }
        else if (encoding.Length > 0 && !encoding.Equals(Gzip, StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "invalid_request_error", $"'Content-Encoding' is '{encoding}'; expected {Gzip}, or none.", "Content-Encoding", "unsupported_encoding");
        }

        try
        {
            await next(context);
        }
        catch (InvalidDataException) when (encoding.Length > 0 && !context.Response.HasStarted)
        {
            throw ApiException.Invalid($"'Content-Encoding' is '{encoding}', and the request body is not.", "Content-Encoding", "invalid_encoding");
        }
    }
}
