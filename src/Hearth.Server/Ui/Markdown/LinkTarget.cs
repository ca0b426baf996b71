namespace Hearth.Server.Ui.Markdown;

/// <summary>Where links of answers may lead: to web pages and to mail, by whole addresses. Whatever else a model writes is text.</summary>
internal static class LinkTarget
{
    private const int MaxLength = 2048;

    /// <summary>The address to link to; null where it is none that may be.</summary>
    public static string? Of(string? url) => url is { Length: > 0 and <= MaxLength } && Uri.TryCreate(url, UriKind.Absolute, out Uri? address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeMailto)
            ? address.AbsoluteUri
            : null;
}
