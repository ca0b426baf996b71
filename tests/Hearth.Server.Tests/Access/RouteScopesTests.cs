using System.Text;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Store.Registries;
using Hearth.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Hearth.Server.Tests.Access;

/// <summary>Every route says which keys may ask it. The table of docs/api.md is made here, from the code; set HEARTH_WRITE_DOCS=1 to write it.</summary>
public sealed class RouteScopesTests : IAsyncDisposable
{
    private const string Begin = "<!-- made by RouteScopesTests -->\n";
    private const string End = "<!-- end -->\n";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelHost _host;
    private readonly WebApplication _app;

    public RouteScopesTests()
    {
        _host = new ModelHost(new ModelHostOptions { Store = StoreFactory.Open(Path.Combine(_folder.FullName, "models"), new RegistryOptions()) });
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")], DataFolder = _folder.FullName });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task EveryRoute_HasAScope()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        RouteEndpoint[] routes = [.. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

        Assert.True(routes.Length > 200, $"{routes.Length}");
        Assert.All(routes, route => Assert.True(route.Metadata.GetMetadata<RouteRule>() is { AnyOf.Count: > 0 }, route.ToString()));
    }

    [Fact]
    public async Task EveryLine_IsOfARoute()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        RouteEndpoint[] routes = [.. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

        // A server without a store has no routes of its own for the models of a store.
        Assert.All(RouteScopes.Table.SelectMany(rule => rule.Routes), line => Assert.Contains(routes, route => IsOf(line, route)));
    }

    [Fact]
    public void Page_HasTheTable()
    {
        string path = Path.Combine(Golden.RepositoryRoot, "docs", "api.md");
        string page = File.ReadAllText(path);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        string expected = page[..begin] + Table() + page[page.IndexOf(End, begin, StringComparison.Ordinal)..];
        if (Environment.GetEnvironmentVariable("HEARTH_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, page);
    }

    private static bool IsOf(string line, RouteEndpoint route)
    {
        string[] parts = line.Split(' ');
        string pattern = route.RoutePattern.RawText!;
        IReadOnlyList<string>? methods = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods;
        return (methods?.Contains(parts[0]) ?? parts[0] == "ANY") && (parts[1][0] == '*' ? pattern.EndsWith(parts[1][1..], StringComparison.Ordinal) : pattern == parts[1]);
    }

    private static string Table()
    {
        StringBuilder text = new("| a key with the scope | may ask |\n| --- | --- |\n");
        foreach (RouteRule rule in RouteScopes.Table)
        {
            string scopes = rule.AnyOf.Count == Enum.GetValues<KeyScope>().Length ? "any" : string.Join(" or ", rule.AnyOf.Select(scope => $"`{KeyScopes.NameOf(scope)}`"));
            string routes = string.Join(", ", rule.Routes.Where(route => !route.StartsWith("ANY ", StringComparison.Ordinal)).Select(route => $"`{route.Replace('*', '…').Replace("……", string.Empty, StringComparison.Ordinal)}`"));
            text.Append($"| {scopes} | {routes} |\n");
        }

        return text.ToString();
    }
}
