using Hearth.Server.Hosting;
using Hearth.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.Tests.Ollama;

/// <summary>The document and the server have the same routes.</summary>
public sealed class DocumentTests
{
    [Fact]
    public async Task Document_HasEveryRoute()
    {
        string text = await File.ReadAllTextAsync(Path.Combine(Golden.RepositoryRoot, "docs", "api.md"), TestContext.Current.CancellationToken);
        string section = text[text.IndexOf("\n## Ollama\n", StringComparison.Ordinal)..text.IndexOf("\n## Errors\n", StringComparison.Ordinal)];
        using ModelHost host = new();
        await using WebApplication app = HearthServer.Create(host);

        string[] routes =
        [
            .. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText!)
                .Where(route => route.StartsWith("/api/", StringComparison.Ordinal)).Distinct(),
        ];

        Assert.Equal(15, routes.Length);
        Assert.All(routes, route => Assert.Contains(route + "`", section, StringComparison.Ordinal));
    }
}
