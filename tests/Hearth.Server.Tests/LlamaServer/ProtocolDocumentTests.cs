using Hearth.Server.Anthropic;
using Hearth.Server.Hosting;
using Hearth.Server.LlamaServer;
using Hearth.Server.OpenAi.Responses;
using Hearth.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Hearth.Server.Tests.LlamaServer;

/// <summary>docs/api.md tells of each route of these APIs.</summary>
public sealed class ProtocolDocumentTests
{
    [Fact]
    public async Task AnthropicsRoutes_AreInTheDocument() => await AssertDescribedAsync(AnthropicApi.Map, route => !IsAnotherPlace(route), 4);

    [Fact]
    public async Task LlamaServersRoutes_AreInTheDocument() => await AssertDescribedAsync(LlamaApi.Map, _ => true, 14);

    [Fact]
    public async Task RoutesOfResponses_AreInTheDocument()
    {
        using ResponseStore store = new(new ResponseStoreOptions(), TimeProvider.System);
        await AssertDescribedAsync((routes, host) => new ResponseRoutes(host, store, TimeProvider.System).Map(routes, "/v1"), _ => true, 6);
    }

    private static bool IsAnotherPlace(string route) => route.StartsWith("/engines/", StringComparison.Ordinal) || route.StartsWith("/anthropic/v1/messages", StringComparison.Ordinal);

    private static async Task AssertDescribedAsync(Action<IEndpointRouteBuilder, ModelHost> map, Func<string, bool> hasOwnLine, int count)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(Golden.RepositoryRoot, "docs", "api.md"), TestContext.Current.CancellationToken);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        await using WebApplication app = builder.Build();
        using ModelHost host = new();
        map(app, host);

        string[] routes =
        [
            .. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Where(endpoint => hasOwnLine(endpoint.RoutePattern.RawText!))
                .Select(endpoint => $"`{endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0]} {endpoint.RoutePattern.RawText!.Replace("{**", "{", StringComparison.Ordinal)}`"),
        ];

        Assert.Equal(count, routes.Length);
        Assert.All(routes, route => Assert.Contains(route, text, StringComparison.Ordinal));
    }
}
