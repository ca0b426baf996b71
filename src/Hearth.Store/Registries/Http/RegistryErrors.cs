using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;

namespace Hearth.Store.Registries.Http;

/// <summary>Turns what goes wrong with a request into an exception for people.</summary>
internal static class RegistryErrors
{
    /// <summary>Bytes of an answer of an error that are read.</summary>
    private const int MaxErrorBytes = 64 * 1024;

    private const int MaxErrorText = 400;

    /// <summary>The exception of an answer that is an error. Its body is read.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="note">What to tell of the credentials where they are not enough; null for what goes without saying.</param>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<RegistryException> ReadAsync(HttpResponseMessage response, string? note, RegistryOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        string detail = await ReadDetailAsync(response, options, cancellationToken);
        HttpStatusCode status = response.StatusCode;
        RegistryErrorKind kind = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => RegistryErrorKind.Unauthorized,
            HttpStatusCode.NotFound or HttpStatusCode.Gone => RegistryErrorKind.NotFound,
            HttpStatusCode.TooManyRequests => RegistryErrorKind.RateLimited,
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => RegistryErrorKind.Unavailable,
            _ => RegistryErrorKind.Invalid,
        };
        TimeSpan? wait = RetryAfter(response.Headers.RetryAfter, time);
        string address = RegistryHttp.Redact(response.RequestMessage!.RequestUri!);
        string advice = kind switch
        {
            RegistryErrorKind.Unauthorized => $" {note ?? "It may not exist, or need credentials ('hearth login')."}",
            RegistryErrorKind.RateLimited when wait is not null => $" Try again in {wait.Value.TotalSeconds:F0} s.",
            _ => string.Empty,
        };
        return new RegistryException(kind, $"{address} answers {(int)status} {response.ReasonPhrase}{detail}.{advice}")
        {
            RetryAfter = wait,
            IsTransient = kind is RegistryErrorKind.Unavailable or RegistryErrorKind.RateLimited && !(wait > RetryPipeline.LongestWait) && status != HttpStatusCode.NotImplemented,
        };
    }

    /// <summary>The exception of a request that got no answer.</summary>
    public static RegistryException Unreachable(Uri address, Exception exception)
    {
        string place = RegistryHttp.Redact(address);
        if (exception.InnerException is RegistryException refused)
        {
            return refused;
        }

        bool isLasting = exception.InnerException is AuthenticationException or SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData };
        return new RegistryException(RegistryErrorKind.Unavailable, $"{place} cannot be reached: {(exception.InnerException ?? exception).Message}.", exception) { IsTransient = !isLasting };
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, TimeProvider time) =>
        header?.Delta ?? (header?.Date is DateTimeOffset date ? date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero : null);

    private static async Task<string> ReadDetailAsync(HttpResponseMessage response, RegistryOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using ResponseBody body = await ResponseBody.OpenAsync(response, options.StallTimeout, cancellationToken);
            string text = Describe(await body.ReadAllAsync(MaxErrorBytes, cancellationToken));
            return text.Length == 0 ? string.Empty : $": {text.TrimEnd('.')}";
        }
        catch (RegistryException)
        {
            return string.Empty;
        }
    }

    // OCI distribution specification, "Error Codes": {"errors":[{"code","message","detail"}]}; others send text or {"error"}.
    private static string Describe(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array)
            {
                return Clean(string.Join("; ", errors.EnumerateArray().Where(error => error.ValueKind == JsonValueKind.Object).Select(Describe)));
            }

            return root.ValueKind == JsonValueKind.Object ? Clean(Text(root, "error") ?? Text(root, "message") ?? Text(root, "details") ?? string.Empty) : string.Empty;
        }
        catch (JsonException)
        {
            string text = Encoding.UTF8.GetString(body);
            return text.Contains('<') ? string.Empty : Clean(text);
        }
    }

    private static string Describe(JsonElement error) => (Text(error, "code"), Text(error, "message")) switch
    {
        (string code, { Length: > 0 } message) => $"{message} ({code})",
        (string code, _) => code,
        (_, var message) => message ?? string.Empty,
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // What a server says may be anything: no control characters reach the terminal.
    private static string Clean(string text)
    {
        string line = string.Concat(text.Select(letter => char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format ? ' ' : letter)).Trim();
        return line.Length <= MaxErrorText ? line : line[..MaxErrorText] + "...";
    }
}
