using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Hearth.Server.Ui;

/// <summary>Which requests are the page's. <c>GET /</c> is also Ollama's probe, whose programs do not ask for HTML.</summary>
internal static class PagePaths
{
    /// <summary>What is shown in the place of a page that is not there.</summary>
    public const string NotFound = "/ui/not-found";

    /// <summary>Where Blazor's connection is made.</summary>
    private const string Connection = "/_blazor";

    private const string Folder = "/ui";
    private const string Html = "text/html";

    // Sent while a tab closes, when nothing can be added to a request; it names its circuit by a secret. And a list of scripts, which is empty.
    private static readonly string[] s_openConnections = ["/_blazor/disconnect", "/_blazor/initializers"];

    /// <summary>Whether a request is for the page or one of its files, or is its connection.</summary>
    public static bool Contain(HttpRequest request) => IsConnection(request)
        || request.Path.StartsWithSegments(Folder)
        || (request.Path == "/" && HttpMethods.IsGet(request.Method) && Accepts(request));

    /// <summary>Whether a request is the page's connection, by which everything that it shows comes.</summary>
    public static bool IsConnection(HttpRequest request) => request.Path.StartsWithSegments(Connection);

    /// <summary>Whether a request is answered without a key: the empty page, which asks for one, and its files.</summary>
    public static bool AreOpen(HttpRequest request) => Contain(request)
        && (!IsConnection(request) || s_openConnections.Contains(request.Path.Value, StringComparer.OrdinalIgnoreCase));

    private static bool Accepts(HttpRequest request) =>
        request.Headers[HeaderNames.Accept].Any(value => value?.Contains(Html, StringComparison.OrdinalIgnoreCase) == true);
}
