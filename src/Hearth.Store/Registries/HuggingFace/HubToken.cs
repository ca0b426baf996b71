using Hearth.Store.Registries.Http;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>The token to show Hugging Face.</summary>
internal static class HubToken
{
    private const int MaxBytes = 4096;

    /// <summary>The token of a transfer, else of the options, else the one that Hugging Face's programs keep in a file; null for none.</summary>
    /// <param name="own">The token of the transfer; null for none.</param>
    /// <param name="insecure">Whether the transfer allows that it is sent without encryption.</param>
    /// <param name="options">How registries are spoken to.</param>
    /// <exception cref="RegistryException">It has characters that no token has, or would be sent without encryption.</exception>
    public static string? Find(string? own, bool insecure, RegistryOptions options)
    {
        string? token = (own ?? options.HuggingFaceToken ?? ReadFile(options.HuggingFaceTokenFile))?.Trim();
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        if (!token.All(letter => letter is > ' ' and <= '~'))
        {
            throw new RegistryException(
                RegistryErrorKind.Unauthorized,
                "The token for Hugging Face has spaces or other characters that no token has; set HF_TOKEN to 'hf_...' and nothing else.");
        }

        Uri endpoint = options.HuggingFace;
        bool isAllowed = insecure || endpoint.IsLoopback || options.InsecureRegistries.Contains(endpoint.Authority, StringComparer.OrdinalIgnoreCase);
        return endpoint.Scheme == Uri.UriSchemeHttps || isAllowed ? token : throw new RegistryException(
            RegistryErrorKind.Refused,
            $"The token for Hugging Face is not sent to {RegistryHttp.Redact(endpoint)} without encryption; use https, or name '{endpoint.Authority}' in "
            + "$HEARTH_INSECURE_REGISTRIES.");
    }

    private static string? ReadFile(string? path)
    {
        try
        {
            return path is not null && new FileInfo(path) is { Exists: true, Length: <= MaxBytes } ? File.ReadAllText(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
