using System.Net.Http.Headers;
using System.Text.Json;
using Hearth.Cli.Commands;

namespace Hearth.Cli.Updates;

/// <summary>A release.</summary>
/// <param name="Tag">What it is called, such as <c>v1.2.3</c>.</param>
/// <param name="Page">Where it is; null where that is not said.</param>
internal sealed record Release(string Tag, string? Page);

/// <summary>Says which release is the latest, in the form of GitHub's API.</summary>
internal static class ReleaseFeed
{
    private const int MaxBytes = 1 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>The address to ask for a repository of GitHub, <c>https://github.com/OWNER/NAME</c>; any other address is asked as it is.</summary>
    public static Uri AddressOf(Uri url) => url.Host.Equals("github.com", StringComparison.OrdinalIgnoreCase) && url.AbsolutePath.Trim('/').Split('/') is [string owner, string name]
        ? new Uri($"https://api.github.com/repos/{owner}/{(name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name)}/releases/latest")
        : url;

    /// <summary>The latest release.</summary>
    /// <param name="url">A repository of GitHub, or what answers as its <c>releases/latest</c>.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="IOException">Nothing answers, or with something else.</exception>
    public static async Task<Release> LatestAsync(Uri url, CancellationToken cancellationToken)
    {
        Uri address = AddressOf(url);
        using HttpClient client = new() { Timeout = s_patience, MaxResponseContentBufferSize = MaxBytes };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("hearth", VersionCommand.Version));
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using HttpResponseMessage response = await client.GetAsync(address, cancellationToken);
            string text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new IOException($"{address} answers {(int)response.StatusCode}.");
            }

            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("tag_name", out JsonElement tag) && tag.ValueKind == JsonValueKind.String
                ? new Release(tag.GetString()!, root.TryGetProperty("html_url", out JsonElement page) && page.ValueKind == JsonValueKind.String ? page.GetString() : null)
                : throw new IOException($"{address} does not say a release: there is no 'tag_name'.");
        }
        catch (HttpRequestException exception)
        {
            throw new IOException($"{address} cannot be asked: {exception.Message}", exception);
        }
        catch (JsonException exception)
        {
            throw new IOException($"{address} does not answer with JSON.", exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{address} did not answer within {s_patience.TotalSeconds} s.", exception);
        }
    }
}
