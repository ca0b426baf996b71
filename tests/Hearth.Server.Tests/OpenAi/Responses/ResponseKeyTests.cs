using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.OpenAi.Responses;

/// <summary>Responses of several keys.</summary>
public sealed class ResponseKeyTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelHost _host = new();
    private WebApplication? _app;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task KeyReadsItsOwnResponsesOnly()
    {
        string file = Path.Combine(_folder.FullName, "api-keys.json");
        ApiKeyStore keys = new(file);
        string one = keys.Create("one", null, DateTimeOffset.UnixEpoch);
        string two = keys.Create("two", null, DateTimeOffset.UnixEpoch);
        _host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide));
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")], Access = new AccessOptions { Keys = new ApiKeyStore(file), Key = "secret" } });
        await _app.StartAsync(TestContext.Current.CancellationToken);
        using HttpClient client = new() { BaseAddress = new Uri(_app.Urls.First()) };
        (int status, JsonElement made) = await SendAsync(client, HttpMethod.Post, "/v1/responses", one, new { model = "guide", input = "Hi", max_output_tokens = 2 });
        Assert.Equal(200, status);
        string id = made.GetProperty("id").GetString()!;
        string item = made.GetProperty("output")[0].GetProperty("id").GetString()!;
        string path = "/v1/responses/" + id;

        foreach (string other in (string[])[two, "secret"])
        {
            Assert.Equal(404, (await SendAsync(client, HttpMethod.Get, path, other)).Status);
            Assert.Equal(404, (await SendAsync(client, HttpMethod.Get, path + "/input_items", other)).Status);
            Assert.Equal(404, (await SendAsync(client, HttpMethod.Delete, path, other)).Status);
            Assert.Equal(400, (await SendAsync(client, HttpMethod.Post, "/v1/responses", other, new { model = "guide", input = "Hi", previous_response_id = id })).Status);
            Assert.Equal(404, (await SendAsync(client, HttpMethod.Post, "/v1/responses", other, new { model = "guide", input = (object[])[new { type = "item_reference", id = item }] })).Status);
        }

        Assert.Equal(401, (await SendAsync(client, HttpMethod.Get, path, "wrong")).Status);
        Assert.Equal(200, (await SendAsync(client, HttpMethod.Post, "/v1/responses", one, new { model = "guide", input = "Hi", previous_response_id = id, max_output_tokens = 2 })).Status);
        Assert.Equal(200, (await SendAsync(client, HttpMethod.Delete, path, one)).Status);
        Assert.Equal(404, (await SendAsync(client, HttpMethod.Get, path, one)).Status);
    }

    private static async Task<(int Status, JsonElement Body)> SendAsync(HttpClient client, HttpMethod method, string path, string key, object? body = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Authorization", "Bearer " + key);
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }
}
