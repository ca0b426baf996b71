using System.Net.Http.Json;
using System.Text.Json;

namespace Hearth.Server.Tests.OpenAi;

/// <summary>Routes of OpenAI's that are not here say so.</summary>
public sealed class MissingRouteTests(GuideServer server)
{
    [Theory]
    [InlineData("POST", "/v1/audio/speech")]
    [InlineData("POST", "/v1/audio/transcriptions")]
    [InlineData("POST", "/v1/images/generations")]
    [InlineData("GET", "/v1/fine_tuning/jobs")]
    [InlineData("GET", "/v1/assistants")]
    [InlineData("POST", "/v1/threads/runs")]
    [InlineData("DELETE", "/v1/vector_stores/vs_1")]
    [InlineData("GET", "/v1/realtime")]
    [InlineData("POST", "/uploads")]
    [InlineData("POST", "/engines/llama.cpp/v1/videos")]
    [InlineData("POST", "/openai/v1/evals")]
    public async Task Route_IsNamedAsMissing(string method, string path)
    {
        JsonElement error = await ErrorAsync(method, path);

        Assert.Equal("route_not_supported", error.GetProperty("code").GetString());
        Assert.Contains($"{method} {path}", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/moderations")]
    [InlineData("/engines/v1/moderations")]
    public async Task Moderation_HasItsOwnCode(string path) => Assert.Equal("no_moderation_model", (await ErrorAsync("POST", path)).GetProperty("code").GetString());

    private async Task<JsonElement> ErrorAsync(string method, string path)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = method == "POST" ? JsonContent.Create(new { model = "x" }) : null };
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error");
    }
}
