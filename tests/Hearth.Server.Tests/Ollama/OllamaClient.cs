using System.Text;
using System.Text.Json;

namespace Hearth.Server.Tests.Ollama;

/// <summary>Asks as Ollama's programs do: without a content type.</summary>
internal static class OllamaClient
{
    public static async Task<OllamaReply> SendAsync(HttpClient client, HttpMethod method, string path, string? json = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = json is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(json)) };
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new OllamaReply((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), text);
    }

    public static Task<OllamaReply> PostAsync(HttpClient client, string path, string json) => SendAsync(client, HttpMethod.Post, path, json);

    public static string? Text(this JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    public static string[] Names(this JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
}

internal sealed record OllamaReply(int Status, string? ContentType, string Text)
{
    public JsonElement Body => JsonDocument.Parse(Text).RootElement;

    public JsonElement[] Lines
    {
        get
        {
            Assert.EndsWith("\n", Text, StringComparison.Ordinal);
            return [.. Text[..^1].Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        }
    }

    public string? Error => Body.Text("error");
}
