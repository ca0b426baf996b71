using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Hearth.Server.Tests.OpenAi.Responses;

/// <summary>Asks the Responses API.</summary>
internal static class ResponseClient
{
    public const string Route = "/v1/responses";
    public const string Question = "\"input\":\"Weather in Paris, and 1 and 2?\"";

    public const string Tools =
        """
        "tools":[{"type":"function","name":"get_weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}}},"strict":false},
        {"type":"function","name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}]
        """;

    /// <summary>A request of a model, with the question unless the fields have an input.</summary>
    public static string Request(string model, params string[] fields) =>
        $"{{{string.Join(',', [$"\"model\":\"{model}\",\"temperature\":0", .. fields.Any(field => field.Contains("\"input\":", StringComparison.Ordinal)) ? [] : new[] { Question }, .. fields])}}}";

    /// <summary>A response that is fine.</summary>
    public static async Task<JsonElement> AnswerAsync(this TestServer server, string model, params string[] fields)
    {
        (int status, JsonElement body) = await server.PostAsync(Route, Request(model, fields));
        Assert.True(status == 200, body.GetRawText());
        return body;
    }

    /// <summary>Sends a request without a body.</summary>
    public static async Task<(int Status, JsonElement Body)> SendAsync(this TestServer server, HttpMethod method, string path)
    {
        using HttpRequestMessage request = new(method, path);
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>The events of a stream, each with its name.</summary>
    public static async Task<List<(string Name, JsonElement Data)>> EventsAsync(this TestServer server, string model, params string[] fields)
    {
        using StringContent content = new(Request(model, [.. fields, "\"stream\":true"]), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await server.Client.PostAsync(Route, content, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        List<(string Name, JsonElement Data)> events = [];
        foreach (string happened in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = happened.Split('\n');
            Assert.Equal(2, lines.Length);
            events.Add((lines[0]["event: ".Length..], TestServer.Parse(lines[1]["data: ".Length..])));
        }

        Assert.All(events, happened => Assert.Equal(happened.Name, Text(happened.Data, "type")));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(happened => happened.Data.GetProperty("sequence_number").GetInt32()));
        return events;
    }

    public static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    public static JsonElement[] Items(JsonElement response) => [.. response.GetProperty("output").EnumerateArray()];

    public static string IdOf(JsonElement element) => element.GetProperty("id").GetString()!;
}
