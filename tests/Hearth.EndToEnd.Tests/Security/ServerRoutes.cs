using System.Text.RegularExpressions;
using Hearth.Server;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Store.Registries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>Every route that a server has, as it has mapped them.</summary>
internal static partial class ServerRoutes
{
    /// <summary>Their methods and paths, with a name where a route has a variable.</summary>
    public static async Task<IReadOnlyList<(string Method, string Path)>> ReadAsync(string folder)
    {
        using ModelHost host = new(new ModelHostOptions { Store = StoreFactory.Open(Path.Combine(folder, "models"), new RegistryOptions()) });
        await using WebApplication server = HearthServer.Create(host, new HearthServerOptions { DataFolder = folder });
        return
        [
            .. ((IEndpointRouteBuilder)server).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .SelectMany(route => (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => (method, "/" + Variable().Replace(route.RoutePattern.RawText!, "x").TrimStart('/'))))
                .Distinct(),
        ];
    }

    [GeneratedRegex(@"\{[^{}]+\}")]
    private static partial Regex Variable();
}
