using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ui;

/// <summary>The page's files, which are part of the assembly: scripts, styles and the icon, compressed once.</summary>
internal sealed class PageAssets
{
    /// <summary>The folder of the files' addresses.</summary>
    public const string Folder = "/ui/assets/";

    private const string Prefix = "ui/";
    private const int TagLength = 12;
    private readonly FrozenDictionary<string, Asset> _assets = Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(name => name[Prefix.Length..], Read, StringComparer.Ordinal);

    /// <summary>The address of a file, which changes with its content so that it may be kept for ever.</summary>
    public string UrlOf(string name) => $"{Folder[1..]}{name}?v={_assets[name].Tag}";

    /// <summary>Sends a file.</summary>
    /// <returns>Whether there is such a file.</returns>
    public async Task<bool> TrySendAsync(HttpContext context, string name)
    {
        if (!_assets.TryGetValue(name, out Asset? asset))
        {
            return false;
        }

        HttpResponse response = context.Response;
        string tag = $"\"{asset.Tag}\"";
        response.Headers.ETag = tag;
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.CacheControl = context.Request.Query["v"] == asset.Tag ? "public, max-age=31536000, immutable" : "no-cache";
        if (context.Request.Headers.IfNoneMatch.Contains(tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return true;
        }

        bool isCompressed = context.Request.Headers.AcceptEncoding.Any(value => value?.Contains("br", StringComparison.OrdinalIgnoreCase) == true);
        byte[] body = isCompressed ? asset.Compressed : asset.Plain;
        response.ContentType = asset.ContentType;
        response.ContentLength = body.Length;
        if (isCompressed)
        {
            response.Headers.ContentEncoding = "br";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }

        return true;
    }

    private static Asset Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        byte[] plain = new byte[stream.Length];
        stream.ReadExactly(plain);
        using MemoryStream compressed = new();
        using (BrotliStream brotli = new(compressed, new BrotliCompressionOptions { Quality = 6 }, leaveOpen: true))
        {
            brotli.Write(plain);
        }

        string type = Path.GetExtension(name) switch
        {
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };
        return new Asset(plain, compressed.ToArray(), type, Convert.ToHexStringLower(SHA256.HashData(plain))[..TagLength]);
    }

    private sealed record Asset(byte[] Plain, byte[] Compressed, string ContentType, string Tag);
}
