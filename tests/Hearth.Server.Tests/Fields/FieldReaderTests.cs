using System.Text;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.Tests.Fields;

/// <summary>The lists have the fields that the code asks requests for, and no others.</summary>
public sealed class FieldReaderTests(FieldServer server) : IClassFixture<FieldServer>
{
    public static TheoryData<string> Routes => [.. FieldList.Routes.Where(route => route.Request is not null && !route.IsForm).Select(route => route.Name)];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Lists_HaveWhatIsRead(string name)
    {
        FieldRoute route = FieldList.Find(name);
        HashSet<string> read = await ReadAsync(route);
        HashSet<string> listed = [.. route.Rows.Where(row => !row.IsQuery && row.Kind != FieldKind.Ignored).Select(row => row.Place)];

        Assert.Equal([], read.Except(listed).Order(StringComparer.Ordinal));
        // Options that have no effect are known to nobody but the document.
        Assert.Equal([], listed.Except(read).Where(place => !place.StartsWith("options.", StringComparison.Ordinal) || route.RefusesUnknown).Order(StringComparer.Ordinal));
    }

    /// <summary>All that is read from the requests of a route's lines.</summary>
    private async Task<HashSet<string>> ReadAsync(FieldRoute route)
    {
        RouteEndpoint endpoint = ((IEndpointRouteBuilder)server.App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Single(
            found => found.RoutePattern.RawText == route.Pattern && found.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(route.Method) == true);
        HashSet<string> read = [];
        RequestReader.Watcher.Value = path =>
        {
            lock (read)
            {
                read.Add(FieldList.PlaceOf(path));
            }
        };
        foreach (FieldRequest request in route.Rows.Where(row => !row.IsQuery).SelectMany(row => new[] { row.Valid, row.Invalid }.OfType<string>()
            .Select(value => FieldRequest.Of(route, row, value, server))).Append(FieldRequest.Of(route, server)))
        {
            if (route.ChangesStore)
            {
                await server.PrepareAsync();
            }

            DefaultHttpContext context = new() { RequestServices = server.App.Services, RequestAborted = TestContext.Current.CancellationToken };
            context.Request.Method = route.Method;
            context.Request.Path = request.Path.Split('?')[0];
            context.Request.QueryString = new QueryString(request.Path.Contains('?') ? request.Path[request.Path.IndexOf('?')..] : string.Empty);
            context.Request.RouteValues["name"] = request.Path.StartsWith("/models/", StringComparison.Ordinal) ? request.Path["/models/".Length..].Split('?')[0] : null;
            byte[] body = Encoding.UTF8.GetBytes(request.Json!);
            context.Request.Body = new MemoryStream(body);
            context.Request.ContentLength = body.Length;
            context.Response.Body = new MemoryStream();
            try
            {
                await endpoint.RequestDelegate!(context);
            }
#pragma warning disable CA1031 // What is refused has been read, too.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }

        RequestReader.Watcher.Value = null;
        return read;
    }
}
