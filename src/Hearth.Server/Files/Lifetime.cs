using Hearth.Server.Errors;

namespace Hearth.Server.Files;

/// <summary>OpenAI's way to say how long something stays: seconds after it came.</summary>
internal static class Lifetime
{
    private const long MinSeconds = 3600;
    private const long MaxSeconds = 30 * 24 * 3600;

    /// <summary>Reads it.</summary>
    /// <param name="anchor">From when on.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="anchorField">The field that has the anchor.</param>
    /// <param name="secondsField">The field that has the seconds.</param>
    /// <exception cref="ApiException">It makes no sense.</exception>
    public static TimeSpan Read(string? anchor, long? seconds, string anchorField, string secondsField) =>
        anchor != "created_at" ? throw ApiException.Invalid($"'{anchorField}' must be 'created_at'.", anchorField, "invalid_value")
        : seconds is >= MinSeconds and <= MaxSeconds ? TimeSpan.FromSeconds(seconds.Value)
        : throw ApiException.Invalid($"'{secondsField}' must be a whole number from {MinSeconds} to {MaxSeconds}.", secondsField, "invalid_value");
}
