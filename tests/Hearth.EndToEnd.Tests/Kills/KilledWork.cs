using System.Text;
using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Kills;

/// <summary>Something that is done again and again at a server which may be killed at any moment.</summary>
internal abstract class KilledWork
{
    /// <summary>Does it once. What fails because the server has gone throws an <see cref="HttpRequestException"/> or an <see cref="IOException"/>.</summary>
    public abstract Task StepAsync(HttpClient http);

    /// <summary>Looks at what the next server has of it: what was confirmed is there, and what was not is there as a whole or not at all.</summary>
    public abstract Task CheckAsync(HttpClient http);

    /// <summary>Works until the server has gone, or until it is told to end.</summary>
    public async Task RunAsync(HttpClient http, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await StepAsync(http);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // It has been killed.
        }
    }

    /// <summary>An answer's body; any other status than the one that is expected fails the test.</summary>
    protected static async Task<string> SendAsync(HttpClient http, HttpMethod method, string path, JsonNode? body = null, int status = 200)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json");
        using HttpResponseMessage response = await http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} instead of {status}: {text}");
        return text;
    }
}
